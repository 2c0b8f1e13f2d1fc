/// What every fuzz target shares: the bytes that libFuzzer hands over, and the end of the run when a fact does not hold.
enum FuzzInput {
    /// The input as an array; libFuzzer passes no pointer with an input of no bytes.
    static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}

/// Stops the fuzzer with a finding when `condition` does not hold.
func require(_ condition: Bool, _ fact: String) {
    guard condition else { fatalError("it does not hold that \(fact)") }
}
