import Basics

/// Claims: what is read can be written, and is read from that as the same; a network holds its own
/// address; no fault lies beyond the text.
let fuzzAddresses: FuzzTarget = { bytes in
    do throws(AddressFault) {
        let address = try IPAddress(parsing: bytes.span)
        precondition((try? IPAddress(address.description)) == address)
        precondition((try? IPNetwork(parsing: bytes.span))?.contains(address) == true)
    } catch {
        precondition(error.offset <= bytes.count)
    }
    do throws(AddressFault) {
        let network = try IPNetwork(parsing: bytes.span)
        precondition(network.contains(network.address))
        precondition((try? IPNetwork(network.description)) == network)
    } catch {
        precondition(error.offset <= bytes.count)
    }
    do throws(AddressFault) {
        let address = try SocketAddress(parsing: bytes.span)
        precondition((try? SocketAddress(address.description)) == address)
    } catch {
        precondition(error.offset <= bytes.count)
    }
}
