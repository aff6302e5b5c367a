/// What a request asks for (RFC 9110 section 9.3, and PATCH of RFC 5789).
///
/// Names are case-sensitive. One that is none of these is `other`; its letters are in
/// ``HTTPRequestHead/methodName``, should somebody want to answer 501 with them.
package enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    case trace = "TRACE"
    case connect = "CONNECT"
    case other = ""

    init(_ name: Span<UInt8>) {
        self =
            switch name.count {
            case 3 where name.equals("GET"): .get
            case 3 where name.equals("PUT"): .put
            case 4 where name.equals("POST"): .post
            case 4 where name.equals("HEAD"): .head
            case 5 where name.equals("PATCH"): .patch
            case 5 where name.equals("TRACE"): .trace
            case 6 where name.equals("DELETE"): .delete
            case 7 where name.equals("OPTIONS"): .options
            case 7 where name.equals("CONNECT"): .connect
            default: .other
            }
    }
}
