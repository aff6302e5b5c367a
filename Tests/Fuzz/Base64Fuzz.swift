import Basics

/// Base64, Base64URL and Hex: what is decoded is spelled as it was, so one value has one spelling; and a
/// fault names a byte of the text, or its end.
let fuzzBase64: FuzzTarget = { bytes in
    for form in [Base64.standard, .url] {
        if let decoded = base64Decoded(bytes, form) {
            let again = form.encode(decoded.span)
            precondition(Array(again.utf8) == bytes, "a second spelling was taken")
        }
        let text = Array(form.encode(bytes.span).utf8)
        precondition(base64Decoded(text, form) == bytes, "not what was encoded")
    }
    do throws(EncodingFault) {
        let decoded = try Hex.decode(bytes.span)
        let again = Hex.encode(decoded.span)
        let small = bytes.map { (0x41...0x46).contains($0) ? $0 | 0x20 : $0 }
        precondition(Array(again.utf8) == small, "a third spelling was taken")
    } catch {
        precondition((0...bytes.count).contains(error.offset), "a fault outside the text")
    }
}

private func base64Decoded(_ text: [UInt8], _ form: Base64) -> [UInt8]? {
    do throws(EncodingFault) {
        return try form.decode(text.span)
    } catch {
        precondition((0...text.count).contains(error.offset), "a fault outside the text")
        return nil
    }
}
