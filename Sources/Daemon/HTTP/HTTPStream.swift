/// A body that comes piece by piece, as long as its reader listens.
protocol HTTPStream: AnyObject, Sendable {
    /// The next bytes, at most `limit`; called by the library's thread.
    func next(_ limit: Int) -> HTTPStreamPiece
    /// Has `action` called once, on any thread, as soon as `next` has more.
    func whenReady(_ action: @escaping @Sendable () -> Void)
    /// There shall be no more, or nobody listens any more.
    func end()
}

/// What a stream has to send now.
enum HTTPStreamPiece {
    case bytes([UInt8])
    case nothingYet
    case end
}
