/// Why an offer or answer of a peer could not be taken. The negotiation is as it was before.
package enum NegotiationFault: Error, Hashable, Sendable, CustomStringConvertible {
    case description(SDPFault)
    case unexpectedAnswer
    /// To an offer before the last, whose own answer is to come.
    case staleAnswer
    case noSections
    case tooManySections(limit: Int)
    case sectionsMissing(count: Int)
    case sectionCount(offered: Int, answered: Int)
    case sectionChanged(index: Int)
    case revived(index: Int)
    case unbundled(index: Int)
    case unmultiplexed(index: Int)
    case noCredentials
    case noFingerprint
    case role
    case bothLite
    case unwritableTrack(id: UInt64)

    package var description: String {
        switch self {
        case .description(let fault): fault.description
        case .unexpectedAnswer:
            "an answer came though no offer is open; answer each offer once"
        case .staleAnswer:
            "the answer is to an earlier offer; answer the last one too"
        case .noSections: "the description has no m= line; offer at least a data channel"
        case .tooManySections(let limit):
            "the peer opens more than \(limit) sections; use those again that were stopped"
        case .sectionsMissing(let count):
            "sections never go away; repeat all \(count) in their order, stopped ones with port 0"
        case .sectionCount(let offered, let answered):
            "the offer has \(offered) sections and the answer \(answered); answer each"
        case .sectionChanged(let index):
            "section \(index) has another kind or mid than before; sections keep theirs"
        case .revived(let index):
            "section \(index) was offered as stopped; answer it with port 0"
        case .unbundled(let index):
            "section \(index) is not in a=group:BUNDLE; all go over one transport"
        case .unmultiplexed(let index):
            "section \(index) has no a=rtcp-mux; RTP and RTCP share one port"
        case .noCredentials: "a=ice-ufrag and a=ice-pwd are missing from the bundle's first section"
        case .noFingerprint: "a=fingerprint is missing from the bundle's first section"
        case .role:
            "a=setup leaves nobody, or both, to begin the handshake; offer actpass, answer active"
        case .bothLite: "a=ice-lite: one side must be a full ICE agent, and it is not this one"
        case .unwritableTrack(let id):
            "track \(id) wants names without spaces and codecs of its kind"
        }
    }
}
