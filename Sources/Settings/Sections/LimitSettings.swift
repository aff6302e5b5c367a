/// How much one person may ask for.
package struct LimitSettings: SectionKeys {
    package static let all = LimitSettings()
    package static let name = "limits"
    package static let purpose = "How much one person may ask for."

    package let requestsPerSecond = Key(
        "limits.requests_per_second",
        .whole(1...100_000),
        default: 1,
        isReloadable: true,
        because:
            "Requests of one user about calls in the long run; more is answered 429. The Calls "
            + "plugin's figure, which its clients keep to."
    )

    package let requestBurst = Key(
        "limits.request_burst",
        .whole(1...100_000),
        default: 10,
        isReloadable: true,
        because: "Requests of one user about calls at once."
    )

    package let chatRequestsPerSecond = Key(
        "limits.chat_requests_per_second",
        .whole(1...100_000),
        default: 20,
        isReloadable: true,
        because:
            "Requests of one user under /api/v4 in the long run; more is answered 429. Whoever "
            + "joins a large call asks for everybody's name and picture."
    )

    package let chatRequestBurst = Key(
        "limits.chat_request_burst",
        .whole(1...100_000),
        default: 200,
        isReloadable: true,
        because: "Requests of one user under /api/v4 at once."
    )

    package let loginsPerSecond = Key(
        "limits.logins_per_second",
        .whole(1...100_000),
        default: 10,
        isReloadable: true,
        because:
            "Logins tried from one address (of IPv6: one /64) in the long run; more is answered "
            + "429. Everybody in an office may have one address."
    )

    package let loginBurst = Key(
        "limits.login_burst",
        .whole(1...100_000),
        default: 100,
        isReloadable: true,
        because: "Logins tried from one address at once."
    )
}
