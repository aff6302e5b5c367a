package import IO
package import Wire

/// Which handler answers which request.
///
/// A path written as in the table is found by comparing bytes. Any other is resolved first (escapes,
/// dot segments) and compared by segments, of which `{name}` takes any one. HEAD is answered as GET,
/// OPTIONS with what is allowed, and a method that a path does not have with 405.
package struct Router: Sendable {
    package typealias Handler = @Sendable (_ visit: Visit) -> HTTPAnswer

    private struct Path: Sendable {
        var template: String
        var bytes: [UInt8]
        var segments: [String]
        var handlers: [(method: HTTPMethod, handler: Handler)] = []

        var allowed: String {
            var methods = handlers.map(\.method.rawValue)
            if methods.contains("GET") { methods.append("HEAD") }
            return (methods + ["OPTIONS"]).joined(separator: ", ")
        }
    }

    private var paths: [Path] = []

    package init() {}

    package mutating func on(
        _ method: HTTPMethod,
        _ template: String,
        _ handler: @escaping Handler
    ) {
        if let index = paths.firstIndex(where: { $0.template == template }) {
            paths[index].handlers.append((method, handler))
        } else {
            paths.append(
                Path(
                    template: template,
                    bytes: Array(template.utf8),
                    segments: template.split(separator: "/").map(String.init),
                    handlers: [(method, handler)]
                )
            )
        }
    }

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        let written = request.head.path
        for path in paths
        where path.bytes.count == written.count && path.bytes.elementsEqual(written) {
            return answer(Visit(request), at: path)
        }
        if written.elementsEqual("*".utf8) {
            return .now(HTTPResponse(.noContent, fields: ["allow": "GET, HEAD, POST, OPTIONS"]))
        }
        let target: RequestTarget
        do throws(RequestTarget.Fault) {
            target = try RequestTarget(path: written.span)
        } catch {
            return .now(.fault(.badRequest, error.sentence))
        }
        guard !target.hasTrailingSlash || target.segments.isEmpty else { return .now(.nothingHere) }
        for path in paths {
            guard let parameters = Self.match(path.segments, target.segments) else { continue }
            return answer(Visit(request, parameters: parameters), at: path)
        }
        return .now(.nothingHere)
    }

    private func answer(_ visit: Visit, at path: Path) -> HTTPAnswer {
        let method = visit.request.head.method
        let wanted = method == .head ? .get : method
        for (method, handler) in path.handlers where method == wanted { return handler(visit) }
        if method == .options {
            return .now(HTTPResponse(.noContent, fields: ["allow": path.allowed]))
        }
        var response = HTTPResponse.fault(
            .methodNotAllowed,
            "this path takes \(path.allowed)"
        )
        response.fields.append("allow", path.allowed)
        return .now(response)
    }

    private static func match(_ template: [String], _ segments: [String]) -> [String: String]? {
        guard template.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (expected, actual) in zip(template, segments) {
            if expected.hasPrefix("{") {
                parameters[String(expected.dropFirst().dropLast())] = actual
            } else if expected != actual {
                return nil
            }
        }
        return parameters
    }
}

/// A request that has found its route.
package struct Visit: Sendable {
    package let request: HTTPRequest
    /// What stands where the route's template has names in braces.
    package let parameters: [String: String]

    package init(_ request: HTTPRequest, parameters: [String: String] = [:]) {
        self.request = request
        self.parameters = parameters
    }
}
