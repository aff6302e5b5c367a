internal import Basics
internal import Crypto
internal import IO
internal import Media
internal import Wire

/// `/diagnostics/call/NAME`: media without the rules of calls, for tests of networks and clients.
///
/// Whoever connects under one name sends to everybody else there and gets what they send. The words are
/// JSON texts, described in docs/TESTING.md. Open only if `media.test_door` says so.
final class MediaDoor: Sendable {
    private let plane: MediaPlane

    init(plane: MediaPlane) {
        self.plane = plane
    }

    func add(to router: inout Router) {
        router.on(.get, "/diagnostics/call/{name}") { [self] visit in
            guard let name = visit.parameters["name"], (1...64).contains(name.utf8.count) else {
                return .now(.fault(.badRequest, "a call's name has 1 to 64 bytes"))
            }
            return .webSocket(
                WebSocketAcceptance { [plane] socket in
                    var random = SecureRandom()
                    let session = SessionID(Identifier(using: &random).description)
                    let guest = MediaGuest(socket, call: name, session: session, plane: plane)
                    guest.begin()
                    return guest
                }
            )
        }
    }
}
