/// Who has a vote about this member, as Redis may have it noted: the others of one view.
///
/// A renewal tells Redis the newest view by which the member counts its promises. Until that is
/// answered, either view may be the one that the others go by, so the member must hold by both.
struct Electorate: Sendable {
    struct Elector: Hashable, Sendable {
        var member: MemberID
        var life: Life
    }

    var generation: Generation
    var view: UInt64
    var electors: [Elector]
}
