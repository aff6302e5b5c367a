internal import CPage
internal import IO
internal import Wire

/// The page of operators, from the binary itself.
struct ClusterPage {
    /// Nothing from elsewhere, no inline script or style, and no frame around it.
    private static let fields: HTTPFields = [
        "content-security-policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    ]

    static func add(to router: inout Router) {
        for index in 0..<roost_cluster_file_count {
            guard let entry = unsafe roost_cluster_file_at(index)?.pointee else { continue }
            let bytes = unsafe [UInt8](UnsafeBufferPointer(start: entry.bytes, count: entry.count))
            let file = StaticFile(
                type: unsafe String(cString: entry.type),
                bytes: bytes,
                fields: fields
            )
            router.on(.get, unsafe String(cString: entry.name)) { .now(file.answer($0.request)) }
        }
    }
}
