internal import Basics
package import Wire

extension JSONWriter {
    package mutating func member<Kind>(_ name: String, _ id: ID<Kind>) {
        member(name, id.identifier)
    }
}
