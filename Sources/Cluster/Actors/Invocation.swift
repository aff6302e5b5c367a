package import Distributed
package import Wire

/// What a call says, on its way out: the arguments, packed one after another.
package struct InvocationWriter: DistributedTargetInvocationEncoder {
    package typealias SerializationRequirement = Packable

    private var writer = PackWriter()

    var bytes: [UInt8] { writer.bytes }

    package mutating func recordGenericSubstitution<T>(_ type: T.Type) throws {
        throw RemoteFault.unreadable("methods that nodes call on each other can't be generic")
    }

    package mutating func recordArgument<Value: Packable>(
        _ argument: RemoteCallArgument<Value>
    ) throws {
        writer.write(argument.value)
    }

    package mutating func recordErrorType<E: Error>(_ type: E.Type) throws {}
    package mutating func recordReturnType<R: Packable>(_ type: R.Type) throws {}
    package mutating func doneRecording() throws {}
}

/// What a call says, as it came.
package struct InvocationReader: DistributedTargetInvocationDecoder {
    package typealias SerializationRequirement = Packable

    private var reader: PackReader

    init(_ bytes: [UInt8]) {
        reader = PackReader(bytes)
    }

    package mutating func decodeGenericSubstitutions() throws -> [any Any.Type] { [] }

    package mutating func decodeNextArgument<Argument: Packable>() throws -> Argument {
        try reader.read()
    }

    package mutating func decodeErrorType() throws -> (any Any.Type)? { nil }
    package mutating func decodeReturnType() throws -> (any Any.Type)? { nil }
}

/// Takes what a method has answered, or thrown, to the link.
package struct InvocationAnswer: DistributedTargetInvocationResultHandler {
    package typealias SerializationRequirement = Packable

    let answer: @Sendable (Result<[UInt8], RemoteFault>) -> Void

    package func onReturn<Success: Packable>(value: Success) async throws {
        answer(.success(value.packed))
    }

    package func onReturnVoid() async throws {
        answer(.success([]))
    }

    package func onThrow<Err: Error>(error: Err) async throws {
        answer(.failure(RemoteFault(crossing: error)))
    }
}

extension RemoteFault {
    /// An error on its way to another node: itself, or what it says of itself.
    init(crossing error: any Error) {
        switch error {
        case let fault as RemoteFault: self = fault
        case let fault as PackFault: self = .unreadable(fault.description)
        case is CancellationError: self = .refused(code: "cancelled", "nobody waits any more")
        default: self = .refused(code: "fault", "\(error)")
        }
    }
}
