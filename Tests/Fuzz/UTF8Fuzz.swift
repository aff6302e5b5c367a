import Basics
import Foundation

/// The first byte says how to cut the rest.
///
/// Claims: it agrees with the standard library and with Foundation on what is UTF-8, and the byte it
/// names is the first after which nothing could make it so.
let fuzzUTF8: FuzzTarget = { bytes in
    guard let choice = bytes.first else { return }
    let text = bytes[1...]
    let length = Int(choice) % 32 + 1
    var validator = UTF8Validator()
    var fault: Int?
    var start = text.startIndex
    while start < text.endIndex, fault == nil {
        let end = min(start + length, text.endIndex)
        fault = validator.accept(text[start..<end].span).map { start + $0 }
        start = end
    }
    let isText = fault == nil && validator.isWhole
    precondition(isText == (String(validating: text, as: UTF8.self) != nil))
    precondition(isText == (String(bytes: text, encoding: .utf8) != nil))
    guard let fault else {
        precondition(canBecomeText(text))
        return
    }
    precondition(canBecomeText(text[..<fault]), "the bytes before the fault could become text")
    precondition(!canBecomeText(text[...fault]), "with the fault they can't")
}

/// Tries every kind of ending that a cut character can have.
private func canBecomeText(_ text: ArraySlice<UInt8>) -> Bool {
    let firsts: [UInt8] = [0x80, 0x90, 0xA0]
    var endings: [[UInt8]] = [[]]
    for first in firsts {
        for rest in 0...2 { endings.append([first] + [UInt8](repeating: 0x80, count: rest)) }
    }
    return endings.contains { String(validating: text + $0, as: UTF8.self) != nil }
}
