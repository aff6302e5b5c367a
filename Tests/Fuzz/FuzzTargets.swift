/// One line a parser; its body is in the file of its name.
let fuzzTargets: [String: FuzzTarget] = [:]
