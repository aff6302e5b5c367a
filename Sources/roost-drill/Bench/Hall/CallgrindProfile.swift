/// What a program did between two points, as valgrind's callgrind counted it: how many instructions in which
/// function.
///
/// Read from its file format, version 1, written with whole names and absolute numbers
/// (`--compress-strings=no --compress-pos=no`):
///
///     ob=/usr/lib/x86_64-linux-gnu/libc.so.6
///     fn=malloc
///     120 14                 a line of its own: position, instructions
///     cfn=_int_malloc
///     calls=3 200            the next line is what the callee took, and counted with the callee
///     121 310
package struct CallgrindProfile {
    package struct Function: Equatable {
        package var object: String
        package var name: String
        /// Of its own, without those of what it calls.
        package var instructions = 0
    }

    package private(set) var functions: [Function] = []

    /// Nil if it is not such a file.
    package init?(_ text: String) {
        guard text.hasPrefix("# callgrind format") || text.hasPrefix("version: 1") else {
            return nil
        }
        var places: [String: Int] = [:]
        var object = ""
        var current: Int?
        var isCallees = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if let name = Self.value("ob=", line) {
                object = name
            } else if let name = Self.value("fn=", line) {
                let key = object + "\n" + name
                if places[key] == nil {
                    places[key] = functions.count
                    functions.append(Function(object: object, name: name))
                }
                current = places[key]
            } else if line.hasPrefix("calls=") {
                isCallees = true
            } else if line.first?.isNumber == true || line.first == "+" || line.first == "-" {
                defer { isCallees = false }
                guard !isCallees, let current else { continue }
                let words = line.split(separator: " ")
                // A line of nothing but its position took nothing.
                guard words.count > 1 else { continue }
                guard let count = Int(words[1]) else { return nil }
                functions[current].instructions += count
            }
        }
    }

    private static func value(_ key: String, _ line: Substring) -> String? {
        line.hasPrefix(key) ? String(line.dropFirst(key.utf8.count)) : nil
    }

    package var instructions: Int { functions.reduce(0) { $0 + $1.instructions } }

    /// Of all functions that are meant.
    package func instructions(where isMeant: (Function) -> Bool) -> Int {
        functions.reduce(0) { isMeant($1) ? $0 + $1.instructions : $0 }
    }
}
