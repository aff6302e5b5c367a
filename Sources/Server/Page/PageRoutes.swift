internal import CPage
internal import IO
internal import Wire

/// The web client and what belongs to it, from the binary itself.
///
/// A channel's link is its name, `/night-owls`, and shows the same page as `/` does: which channel it is about, the
/// page reads from its own address. Names that can't stand there go by the channel's id.
struct PageRoutes {
    /// Nothing from elsewhere, no inline script or style, and no frame around it.
    private static let fields: HTTPFields = [
        "content-security-policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            + "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'",
        "permissions-policy":
            "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), "
            + "fullscreen=(self), geolocation=(), payment=(), usb=()",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    ]

    /// Goes last into the router, since a channel's link could be any path of one segment.
    func add(to router: inout Router) {
        for index in 0..<roost_page_file_count {
            guard let entry = unsafe roost_page_file_at(index)?.pointee else { continue }
            let bytes = unsafe [UInt8](UnsafeBufferPointer(start: entry.bytes, count: entry.count))
            let file = StaticFile(
                type: unsafe String(cString: entry.type),
                bytes: bytes,
                fields: Self.fields
            )
            let path = unsafe String(cString: entry.name)
            router.on(.get, path) { visit in .now(file.answer(visit.request)) }
            guard path == "/" else { continue }
            router.on(.get, "/{channel}") { visit in
                guard Self.isLink(visit.parameters["channel"] ?? "") else {
                    return .now(.nothingHere)
                }
                return .now(file.answer(visit.request))
            }
        }
    }

    /// Where a scraper would look for figures, which are on another listener: it is told so by a 404.
    private static let expected = "metrics"

    /// Whether a channel's name may be its link: 1 to 64 small letters, digits, hyphens and underscores.
    static func isLink(_ name: String) -> Bool {
        let isPlain = { (byte: UInt8) in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
        let first = name.utf8.first.map(isPlain) ?? false
        return first && name.utf8.count <= 64 && name != expected
            && name.utf8.allSatisfy {
                isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }
}
