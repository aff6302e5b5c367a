package import Basics

/// One session's stay in one call, from joining to leaving. Whoever joins again has another record, also
/// where the session has the same name because it came by the same connection.
package struct AttendanceRecord: Hashable, Sendable {
    package var call: String
    package var session: String
    package var user: String
    package var joined: WallTime
    /// When the session left, or nil while it is in the call.
    package var left: WallTime?

    package init(
        call: String,
        session: String,
        user: String,
        joined: WallTime,
        left: WallTime? = nil
    ) {
        self.call = call
        self.session = session
        self.user = user
        self.joined = joined
        self.left = left
    }

    /// Where a page of a call's attendance ended, for the next one to go on from.
    package struct Place: Hashable, Sendable {
        package var joined: WallTime
        package var session: String

        package init(joined: WallTime, session: String) {
            self.joined = joined
            self.session = session
        }
    }

    package var place: Place { Place(joined: joined, session: session) }
}
