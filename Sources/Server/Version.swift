/// What this build says it is.
package enum Version {
    package static let number = "0.1.0"
    /// The protocol of the Calls plugin that is spoken, by the plugin's own numbering: clients compare
    /// it to know what they may use.
    package static let protocolNumber = "1.12.0"
}
