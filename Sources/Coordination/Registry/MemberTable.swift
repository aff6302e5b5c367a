/// All members as Redis has them at one moment.
package struct MemberTable: Hashable, Sendable {
    /// More members than this is not a cluster that this protocol is for; further rows are left out.
    package static let limit = 256

    package struct Row: Hashable, Sendable {
        package var member: MemberID
        package var record: MemberRecord
        /// Calls that are still noted under a member that is dead: somebody has to take them over.
        package var orphans: UInt32

        package init(member: MemberID, record: MemberRecord, orphans: UInt32 = 0) {
            self.member = member
            self.record = record
            self.orphans = orphans
        }
    }

    /// Grows whenever a member comes or goes.
    package var view: UInt64
    /// In the order of their ids.
    package private(set) var rows: [Row]

    package init(view: UInt64, rows: [Row]) {
        self.view = view
        self.rows = rows.sorted { $0.member < $1.member }
    }

    package subscript(member: MemberID) -> Row? {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].member < member { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].member == member ? rows[low] : nil
    }
}
