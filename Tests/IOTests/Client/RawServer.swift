import Basics
import Glibc
import IO
import Synchronization

/// A server that does to each connection what it is told, on threads of its own: says any bytes, says
/// nothing, hangs up.
final class RawServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let count = Atomic<Int>(0)

    /// `serve` is given the descriptor and how many connections came before; it is closed after.
    init(_ serve: @escaping @Sendable (Int32, Int) -> Void) throws {
        let (listener, bound) = try Socket.listen(on: .init(ip: .loopback, port: 0))
        _ = fcntl(listener, F_SETFL, 0)
        self.listener = listener
        port = bound.port
        Self.onThread { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let number = count.wrappingAdd(1, ordering: .relaxed).oldValue
                Self.onThread {
                    serve(descriptor, number)
                    close(descriptor)
                }
            }
        }
    }

    var connections: Int { count.load(ordering: .relaxed) }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Reads a request without content. False if the client is gone.
    static func readHead(_ descriptor: Int32) -> Bool {
        var seen: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe recv(descriptor, &byte, 1, 0) == 1 {
            seen.append(byte)
            if seen.suffix(4) == [13, 10, 13, 10] { return true }
        }
        return false
    }

    @discardableResult
    static func say(_ descriptor: Int32, _ text: String) -> Bool {
        let bytes = [UInt8](text.utf8)
        return unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until the client hangs up.
    static func waitForEnd(_ descriptor: Int32) {
        var byte: UInt8 = 0
        while unsafe recv(descriptor, &byte, 1, 0) > 0 {}
    }

    /// Ends both directions, before the connection is closed.
    static func hangUp(_ descriptor: Int32) {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private final class Work {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func onThread(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let work = unsafe Unmanaged.passRetained(Work(run)).toOpaque()
        _ = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            work
        )
        pthread_detach(thread)
    }
}

/// Lets other threads run, for one that looks whether something has come true.
func letOthersRun() {
    usleep(1_000)
}
