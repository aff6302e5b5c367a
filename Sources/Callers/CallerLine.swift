internal import Media

/// A media section as a caller keeps it.
struct CallerLine {
    var kind: SessionDescription.Kind
    var mid: String
    /// Which of its tracks the caller sends here.
    var track: Int?
    var formats: [SessionDescription.Format] = []
    var extensions: [SessionDescription.Extension] = []
    /// Whether it takes what is sent here.
    var receives = true
    /// Whether both sides know of it.
    var isAgreed = false
    var isRejected = false
}
