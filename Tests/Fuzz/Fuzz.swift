import Foundation

/// Every parser that meets bytes from outside, by the name `make fuzz PARSER=…` takes.
///
/// A target is a function from any bytes to nothing. It fails by trapping: the parser's own traps,
/// and the claims the target makes about what came out.
typealias FuzzTarget = @Sendable (_ bytes: [UInt8]) -> Void

nonisolated(unsafe) private var target: FuzzTarget = { _ in }

@_extern(c, "LLVMFuzzerRunDriver")
private func runLibFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
enum Fuzz {
    static func main() {
        let name = ProcessInfo.processInfo.environment["ROOST_FUZZ_PARSER"] ?? ""
        guard let chosen = fuzzTargets[name] else {
            let names = fuzzTargets.keys.sorted().joined(separator: ", ")
            print("no parser is called \"\(name)\"; set ROOST_FUZZ_PARSER to one of: \(names)")
            exit(64)
        }
        unsafe target = chosen
        var count = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        exit(
            unsafe runLibFuzzer(&count, &arguments) { bytes, count in
                unsafe target([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
                return 0
            }
        )
    }
}
