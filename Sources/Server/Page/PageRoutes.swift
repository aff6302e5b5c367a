internal import CPage
internal import IO
internal import Wire

/// The front page and what belongs to it, from the binary itself.
struct PageRoutes {
    /// Nothing from elsewhere, no inline script, and no frame around it.
    private static let fields: HTTPFields = [
        "content-security-policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    ]

    func add(to router: inout Router) {
        for index in 0..<roost_page_file_count {
            guard let entry = unsafe roost_page_file_at(index)?.pointee else { continue }
            let bytes = unsafe [UInt8](UnsafeBufferPointer(start: entry.bytes, count: entry.count))
            let file = StaticFile(
                type: unsafe String(cString: entry.type),
                bytes: bytes,
                fields: Self.fields
            )
            router.on(.get, unsafe String(cString: entry.name)) { visit in
                .now(file.answer(visit.request))
            }
        }
    }
}
