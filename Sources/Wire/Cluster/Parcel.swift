/// What one actor sends another by way of a link.
package enum Parcel: Hashable, Sendable {
    case call(Call)
    case letter(Letter)
    /// The answer to the call of this number.
    case reply(to: UInt64, [UInt8])
    case fault(to: UInt64, RemoteFault)
    /// Nobody waits for the answer any more.
    case cancel(UInt64)

    /// A question to an actor there.
    package struct Call: Hashable, Sendable {
        /// Counted by the caller's node, for the answer.
        package var number: UInt64
        package var actor: String
        /// Which of the actor's methods.
        package var method: UInt64
        /// Milliseconds that the caller waits.
        package var patience: UInt64
        package var arguments: [UInt8]

        package init(
            number: UInt64,
            actor: String,
            method: UInt64,
            patience: UInt64,
            arguments: [UInt8]
        ) {
            self.number = number
            self.actor = actor
            self.method = method
            self.patience = patience
            self.arguments = arguments
        }
    }

    /// Something said to an actor that answers nothing.
    package struct Letter: Hashable, Sendable {
        package var actor: String
        package var content: [UInt8]

        package init(actor: String, content: [UInt8]) {
            self.actor = actor
            self.content = content
        }
    }

    func writeBody(into writer: inout PackWriter) {
        switch self {
        case .call(let call): writer.write(call)
        case .letter(let letter): writer.write(letter)
        case .reply(let number, let bytes):
            writer.write(number)
            writer.write(bytes: bytes)
        case .fault(let number, let fault):
            writer.write(number)
            writer.write(fault)
        case .cancel(let number): writer.write(number)
        }
    }
}

extension Parcel.Call: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(number)
        writer.write(actor)
        writer.write(method)
        writer.write(patience)
        writer.write(bytes: arguments)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        number = try reader.number()
        actor = try reader.read()
        method = try reader.number()
        patience = try reader.number()
        arguments = try reader.bytes()
    }
}

extension Parcel.Letter: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(actor)
        writer.write(bytes: content)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        actor = try reader.read()
        content = try reader.bytes()
    }
}
