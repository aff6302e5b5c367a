internal import Calls

extension CallEvent {
    /// Whether the call's snapshot may be another by it.
    var mayChangeSnapshot: Bool {
        switch self {
        case .said(_, .react), .said(_, .description), .said(_, .caption): false
        case .media(_, .over), .media(_, .refused): true
        case .media: false
        case .said, .join, .reconnect, .connectionLost, .order, .dismiss, .expel, .end, .woke: true
        }
    }

    /// Whether somebody may come or go by it.
    var mayChangePeople: Bool {
        switch self {
        case .said(_, let word): word == .leave
        case .media(_, .over): true
        case .media, .dismiss, .connectionLost: false
        case .join, .reconnect, .order, .expel, .end, .woke: true
        }
    }
}
