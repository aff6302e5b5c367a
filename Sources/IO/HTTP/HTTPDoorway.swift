package import Basics
internal import Crypto
package import Wire

/// One loop's share of a server: the connections that live there and what they need in common.
///
/// All of it belongs to the loop's thread, save what says otherwise.
package final class HTTPDoorway: @unchecked Sendable {
    package let loop: Loop
    package let service: any HTTPService
    package let metrics: HTTPMetrics
    package let log: Log
    package let codec: DeflateCodec

    /// What connections opened from now on obey.
    package private(set) var rules: HTTPRules
    package private(set) var isDraining = false

    private var residents: [ObjectIdentifier: any Resident] = [:]
    private var date: (second: Int64, bytes: [UInt8]) = (.min, [])

    /// Somebody who lives here and can be asked to leave.
    package protocol Resident: AnyObject, Sendable {
        /// Finishes what is being done, then goes. Called on the loop.
        func drain()
        /// Goes at once. Called on the loop.
        func cut()
    }

    package init(
        loop: Loop,
        service: any HTTPService,
        rules: HTTPRules,
        metrics: HTTPMetrics,
        log: Log
    ) {
        self.loop = loop
        self.service = service
        self.rules = rules
        self.metrics = metrics
        self.log = log
        codec = DeflateCodec()
    }

    package var count: Int { residents.count }

    package func apply(_ rules: HTTPRules) {
        loop.checkIsolated()
        self.rules = rules
    }

    /// Lets a connection in that the listener has accepted. `leave` is called once when it has gone.
    package func open(
        _ descriptor: Int32,
        peer: SocketAddress,
        isTrusted: Bool,
        leave: @escaping @Sendable () -> Void
    ) {
        let transport = Transport(descriptor: descriptor, loop: loop)
        let connection = HTTPConnection(
            transport,
            peer: peer,
            isTrusted: isTrusted,
            doorway: self,
            leave: leave
        )
        do {
            try transport.attach(connection)
        } catch {
            log.error("a connection could not be taken", ["why": .error(error)])
            transport.abort()
            leave()
            return
        }
        enter(connection)
        metrics.connectionsAccepted.add(cell: loop.index)
        connection.begin()
    }

    package func enter(_ resident: any Resident) {
        loop.checkIsolated()
        residents[ObjectIdentifier(resident)] = resident
        if isDraining { resident.drain() }
    }

    package func leave(_ resident: any Resident) {
        loop.checkIsolated()
        residents[ObjectIdentifier(resident)] = nil
    }

    /// Asks everybody to finish and go.
    package func drain() {
        loop.checkIsolated()
        isDraining = true
        for resident in Array(residents.values) { resident.drain() }
    }

    /// Sends everybody away who is still here, and says how many they were.
    package func cut() -> Int {
        loop.checkIsolated()
        isDraining = true
        let count = residents.count
        for resident in Array(residents.values) { resident.cut() }
        return count
    }

    /// The value of Date, made anew once a second.
    package var dateBytes: [UInt8] {
        let second = Loop.readWallClock().seconds
        if date.second != second {
            date = (second, HTTPDate(secondsSince1970: second).bytes)
        }
        return date.bytes
    }
}
