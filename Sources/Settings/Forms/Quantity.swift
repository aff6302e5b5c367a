/// A whole number and a unit, as in 64KiB or 5 s.
struct Quantity {
    var number: Int64
    var unit: String

    init?(_ text: String) {
        let digits = text.utf8.prefix { $0 &- UInt8(ascii: "0") < 10 }
        guard !digits.isEmpty, digits.count <= 12, let number = Int64(Substring(digits)) else {
            return nil
        }
        self.number = number
        unit = String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self).trimmed
    }
}
