/// A place in a document as an editor shows it: both count from 1, columns in bytes.
package struct TOMLPosition: Hashable, Sendable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
