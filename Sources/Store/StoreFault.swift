/// Why the store could not do what was asked, in words that say what to do next.
package struct StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is, for code that must choose what to do.
    package enum Reason: Hashable, Sendable {
        /// Another process has the file.
        case inUse
        /// No space is left. What was acknowledged is safe, and writing resumes when there is space.
        case full
        /// The file or its folder may not be written.
        case readOnly
        /// The file is there and can't be reached or opened.
        case unreachable
        /// The file's contents make no sense.
        case damaged
        /// The file belongs to another program, or to no database at all.
        case foreign
        /// The file was written by a newer version.
        case newer
        /// More is waiting to be stored than may wait. Try again in a moment.
        case overloaded
        /// The store has been closed.
        case closed
        /// What was to be stored is larger than the store takes, or has no name.
        case outOfBounds
        /// A bug of ours: a statement that breaks the schema's rules.
        case refused
        case other
    }

    package var reason: Reason
    package var description: String

    package init(_ description: String, reason: Reason = .other) {
        self.reason = reason
        self.description = description
    }
}
