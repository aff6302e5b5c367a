/// What nodes say to each other over a link.
///
///     length (4 bytes, big-endian) │ kind (1 byte) │ body
///
/// The length counts kind and body. A link begins with a hello that is answered by a welcome or a refusal.
/// Frames of parcels (calls, letters and what answers them) are numbered by their order in each direction and kept until
/// the other side has acknowledged them, so that a link that breaks loses none. The rest is said anew
/// all the time, and may be lost.
package enum ClusterFrame: Hashable, Sendable {
    case hello(LinkHello)
    case welcome(LinkWelcome)
    /// No link, and why: a sentence for the other side's log.
    case refusal(String)
    /// So many parcels have come.
    case acknowledgement(UInt64)
    /// What members tell each other of their lives, in bytes that this room doesn't read.
    case pulse([UInt8])
    /// A member's guard, in the place of a hello: the member is dead. In bytes that this room doesn't read.
    case certificate([UInt8])
    /// For, or from, a member that there is no link to. Since version 2.
    case relayed(RelayedFrame)
    case parcel(Parcel)

    /// Longer frames are not sent.
    package static let limit = 1 << 20
    /// Longer ones, with what it takes to pass them on, end the link when they come.
    package static let relayedLimit = limit + RelayedFrame.overhead
    package static let headLength = 4

    private enum Kind: UInt8 {
        case hello = 1
        case welcome = 2
        case refusal = 3
        case acknowledgement = 4
        case pulse = 5
        case certificate = 6
        case relayed = 7
        case call = 16
        case letter = 17
        case reply = 18
        case fault = 19
        case cancel = 20
    }

    // MARK: - Bytes

    /// The whole frame with its length.
    package var bytes: [UInt8] {
        var writer = PackWriter(capacity: expectedCount)
        for _ in 0..<Self.headLength { writer.write(byte: 0) }
        writer.write(byte: kind.rawValue)
        writeBody(into: &writer)
        var bytes = writer.finish()
        let length = UInt32(truncatingIfNeeded: bytes.count - Self.headLength)
        for index in 0..<4 {
            bytes[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index))
        }
        return bytes
    }

    /// As long as most are, so that their bytes are not moved as they become more.
    private var expectedCount: Int {
        switch self {
        case .pulse(let bytes), .certificate(let bytes): bytes.count + 16
        case .relayed(let frame): frame.content.count + 128
        case .parcel(.call(let call)): call.arguments.count + 80
        case .parcel(.letter(let letter)): letter.content.count + 64
        case .parcel(.reply(_, let bytes)): bytes.count + 32
        case .acknowledgement, .parcel(.cancel): 24
        case .hello, .welcome, .refusal, .parcel(.fault): 128
        }
    }

    private var kind: Kind {
        switch self {
        case .hello: .hello
        case .welcome: .welcome
        case .refusal: .refusal
        case .acknowledgement: .acknowledgement
        case .pulse: .pulse
        case .certificate: .certificate
        case .relayed: .relayed
        case .parcel(.call): .call
        case .parcel(.letter): .letter
        case .parcel(.reply): .reply
        case .parcel(.fault): .fault
        case .parcel(.cancel): .cancel
        }
    }

    private func writeBody(into writer: inout PackWriter) {
        switch self {
        case .hello(let hello): writer.write(hello)
        case .welcome(let welcome): writer.write(welcome)
        case .refusal(let why): writer.write(why)
        case .acknowledgement(let count): writer.write(count)
        case .pulse(let bytes), .certificate(let bytes): writer.write(bytes: bytes)
        case .relayed(let frame): writer.write(frame)
        case .parcel(let parcel): parcel.writeBody(into: &writer)
        }
    }

    /// Reads a frame, its length left out. What follows the fields that are known is of a later version.
    package init(_ bytes: [UInt8]) throws(PackFault) {
        try self.init(PackReader(bytes))
    }

    /// Reads a frame out of bytes that hold more than that.
    init(_ bytes: [UInt8], in range: Range<Int>) throws(PackFault) {
        try self.init(PackReader(bytes, in: range))
    }

    private init(_ source: PackReader) throws(PackFault) {
        var reader = source
        let code = try reader.byte()
        guard let kind = Kind(rawValue: code) else { throw .badValue("a frame of kind \(code)") }
        switch kind {
        case .hello: self = .hello(try reader.read())
        case .welcome: self = .welcome(try reader.read())
        case .refusal: self = .refusal(try reader.read())
        case .acknowledgement: self = .acknowledgement(try reader.number())
        case .pulse: self = .pulse(try reader.bytes())
        case .certificate: self = .certificate(try reader.bytes())
        case .relayed: self = .relayed(try reader.read())
        case .call: self = .parcel(.call(try reader.read()))
        case .letter: self = .parcel(.letter(try reader.read()))
        case .reply: self = .parcel(.reply(to: try reader.number(), try reader.bytes()))
        case .fault: self = .parcel(.fault(to: try reader.number(), try reader.read()))
        case .cancel: self = .parcel(.cancel(try reader.number()))
        }
    }
}
