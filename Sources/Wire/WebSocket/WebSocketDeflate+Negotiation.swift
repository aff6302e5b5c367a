// RFC 7692 section 7.1: who may compress, with what window, and remembering what.
extension WebSocketDeflate {
    static let name = "permessage-deflate"

    /// What this end offers as a client. It doesn't say `client_max_window_bits`, so the server has
    /// no say in this end's window.
    static let offer = "\(name); server_no_context_takeover; client_no_context_takeover"

    /// The parameters of one offer or answer, each allowed once.
    private struct Parameters {
        var serverForgets = false
        var clientForgets = false
        var serverWindowBits: Int?
        /// Present without a value: any.
        var clientWindowBits: Int??

        /// Returns nil if there is a parameter that the extension doesn't have, or has otherwise.
        init?(_ parameters: [WebSocketExtension.Parameter]) {
            for parameter in parameters {
                switch (parameter.name, parameter.value) {
                case ("server_no_context_takeover", nil) where !serverForgets:
                    serverForgets = true
                case ("client_no_context_takeover", nil) where !clientForgets:
                    clientForgets = true
                case ("server_max_window_bits", let value?) where serverWindowBits == nil:
                    guard let bits = Self.windowBits(value) else { return nil }
                    serverWindowBits = bits
                case ("client_max_window_bits", nil) where clientWindowBits == nil:
                    clientWindowBits = .some(nil)
                case ("client_max_window_bits", let value?) where clientWindowBits == nil:
                    guard let bits = Self.windowBits(value) else { return nil }
                    clientWindowBits = .some(bits)
                default:
                    return nil
                }
            }
        }

        /// 8 to 15, without leading zeros.
        private static func windowBits(_ value: String) -> Int? {
            switch value {
            case "8": 8
            case "9": 9
            case "10": 10
            case "11": 11
            case "12": 12
            case "13": 13
            case "14": 14
            case "15": 15
            default: nil
            }
        }
    }

    /// As a server takes the first offer that it can keep, and says how. Both ends are to forget
    /// each message after it, which a server may ask for unasked.
    ///
    /// An offer that wants a server's window of 2^8 is declined: zlib has none.
    static func accept(_ offers: [WebSocketExtension]) -> (agreement: Agreement, answer: String)? {
        for offer in offers where offer.name == name {
            guard let parameters = Parameters(offer.parameters) else { continue }
            guard let bits = parameters.serverWindowBits else { return (Agreement(), Self.offer) }
            guard bits >= 9 else { continue }
            let answer = "\(Self.offer); server_max_window_bits=\(bits)"
            return (Agreement(serverWindowBits: bits), answer)
        }
        return nil
    }

    /// As a client reads a server's answer to ``offer``, or returns nil if it is not one.
    static func agreement(in answer: WebSocketExtension) -> Agreement? {
        guard answer.name == name, let parameters = Parameters(answer.parameters) else {
            return nil
        }
        guard parameters.serverForgets, parameters.clientWindowBits == nil else { return nil }
        return Agreement(serverWindowBits: parameters.serverWindowBits ?? 15)
    }
}
