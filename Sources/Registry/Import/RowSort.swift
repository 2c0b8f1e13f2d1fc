import Glibc

/// Sorts the records of a load by personal number, those of one person by line, in bounded memory.
///
/// The table `insured` stands in that order, and is filled in order many times faster than by looking for each record's
/// place. SQLite's own sorting takes records apart into values and takes as long as all else in a load. Runs that memory holds are
/// sorted and laid down in a private database, which SQLite keeps where it keeps its temporary files, and merged at the end.
@safe final class RowSort {
    /// The most bytes that a value may have.
    static let valueLimit = 65_534
    /// How much of a run is laid down, and read again, at a time.
    private static let pieceByteCount = 60 << 10

    private struct Entry {
        let key: RowKey
        let range: Range<Int>
    }

    private var entries: [Entry] = []
    /// What is sorted at once.
    private let memory: UnsafeMutableRawBufferPointer
    private var filled = 0
    /// How much of the memory was ever in use.
    private var touched = 0
    /// How many pieces each run has.
    private var pieceCounts: [Int] = []
    private let scratch: Connection
    private let put: Statement
    private let get: Statement

    init(runByteCount: Int = 16 << 20) throws(RegistryError) {
        let scratch = try Connection(path: "", access: .create)
        try scratch.execute("PRAGMA page_size = 65536; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        try scratch.execute("PRAGMA cache_size = 32; CREATE TABLE piece (id INTEGER PRIMARY KEY, bytes BLOB); BEGIN")
        let put = try scratch.prepare("INSERT INTO piece VALUES (?1, ?2)")
        let get = try scratch.prepare("SELECT bytes FROM piece WHERE id = ?1")
        self.scratch = scratch
        self.put = put
        self.get = get
        unsafe memory = .allocate(byteCount: runByteCount, alignment: 16)
    }

    deinit {
        if let start = unsafe memory.baseAddress { unsafe explicit_bzero(start, touched) }
        unsafe memory.deallocate()
    }

    /// Takes a record in.
    ///
    /// - Parameters:
    ///   - values: By `InsuredRow.Column`: where in `source` its value stands, no longer than `valueLimit`; nil for NULL.
    ///   - line: From 1, and another for each record.
    func add(_ source: [UInt8], _ values: [Range<Int>?], line: Int) throws(RegistryError) {
        let number = values[InsuredRow.Column.personalNumber.rawValue].flatMap {
            PersonalNumber.value(source.span.extracting($0))
        }
        let key = RowKey(person: number ?? -line, line: line)
        if unsafe filled + SortedRow.longest(source.count) > memory.count { try layDown() }
        guard unsafe SortedRow.longest(source.count) <= memory.count else {
            throw .fileFailure(path: "(temporary)", operation: "sort", reason: "a record is too long")
        }
        let end = unsafe filled + SortedRow.write(key, source, values, to: memory.suffix(from: filled))
        entries.append(Entry(key: key, range: filled..<end))
        filled = end
        touched = max(touched, end)
    }

    /// Gives out all records in order; to be called once, when all are in.
    func drain(_ each: (SortedRow) throws(RegistryError) -> Void) throws(RegistryError) {
        guard !pieceCounts.isEmpty else {
            entries.sort { $0.key < $1.key }
            var row = unsafe SortedRow(bytes: Array(memory.prefix(filled)))
            for entry in entries {
                _ = row.read(from: entry.range.lowerBound)
                try each(row)
            }
            return
        }
        try layDown()
        entries = []
        var runs: [Run] = []
        var heap = RunHeap()
        for (number, pieceCount) in pieceCounts.enumerated() {
            var run = Run(number: number, pieceCount: pieceCount)
            if try run.next(get) { heap.insert(run.row.key, number) }
            runs.append(run)
        }
        while let number = heap.first {
            try each(runs[number].row)
            heap.replaceFirst(try runs[number].next(get) ? runs[number].row.key : nil)
        }
    }

    /// Lays down what is in memory as a run.
    private func layDown() throws(RegistryError) {
        guard !entries.isEmpty else { return }
        entries.sort { $0.key < $1.key }
        var piece: [UInt8] = []
        piece.reserveCapacity(Self.pieceByteCount)
        var count = 0
        for entry in entries {
            if !piece.isEmpty, piece.count + entry.range.count > Self.pieceByteCount {
                try put.run(Run.pieceID(pieceCounts.count, count), blob: piece.span)
                piece.removeAll(keepingCapacity: true)
                count += 1
            }
            unsafe piece.append(contentsOf: memory[entry.range])
        }
        try put.run(Run.pieceID(pieceCounts.count, count), blob: piece.span)
        pieceCounts.append(count + 1)
        entries.removeAll(keepingCapacity: true)
        filled = 0
    }

    /// A run that is read again.
    private struct Run {
        let number: Int
        let pieceCount: Int
        private(set) var row = SortedRow(bytes: [])
        private var piece = 0
        private var position = 0

        init(number: Int, pieceCount: Int) {
            self.number = number
            self.pieceCount = pieceCount
        }

        static func pieceID(_ run: Int, _ piece: Int) -> Int { run << 32 | piece }

        /// Goes on to the next record; false when there is none.
        mutating func next(_ get: borrowing Statement) throws(RegistryError) -> Bool {
            if position == row.bytes.count {
                guard piece < pieceCount else { return false }
                defer { get.reset() }
                try get.bind(Self.pieceID(number, piece), at: 1)
                guard try get.step(), let bytes = get.blob(0) else {
                    throw .fileFailure(path: "(temporary)", operation: "read", reason: "a part of it is missing")
                }
                row = SortedRow(bytes: bytes)
                piece += 1
                position = 0
            }
            position = row.read(from: position)
            return true
        }
    }
}

/// What records are sorted by.
struct RowKey: Comparable {
    /// The personal number as a number, or less than zero for a record without one.
    let person: Int
    let line: Int

    static func < (left: RowKey, right: RowKey) -> Bool {
        left.person == right.person ? left.line < right.line : left.person < right.person
    }
}

/// A record as it comes out of the sort.
struct SortedRow {
    private(set) var key = RowKey(person: 0, line: 0)
    /// The buffer that `values` refers to.
    let bytes: [UInt8]
    /// By `InsuredRow.Column`: where its value stands, nil for NULL.
    private(set) var values = [Range<Int>?](repeating: nil, count: InsuredRow.Column.allCases.count)

    /// The length of a value that is NULL.
    private static let null = UInt16.max

    init(bytes: [UInt8]) { self.bytes = bytes }

    private static let headByteCount = 16 + 2 * InsuredRow.Column.allCases.count

    /// The most bytes that a record may need whose values together have so many.
    static func longest(_ valueByteCount: Int) -> Int { headByteCount + valueByteCount }

    /// Writes a record down: its key, the lengths of its values, and the values. Gives the number of bytes written.
    ///
    /// - Parameter target: Has room for the `longest` record.
    static func write(
        _ key: RowKey, _ source: [UInt8], _ values: [Range<Int>?], to target: Slice<UnsafeMutableRawBufferPointer>
    ) -> Int {
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: target)
        unsafe target.storeBytes(of: key.person, toByteOffset: 0, as: Int.self)
        unsafe target.storeBytes(of: key.line, toByteOffset: 8, as: Int.self)
        var end = headByteCount
        return unsafe source.withUnsafeBytes { source in
            for index in values.indices {
                let count = values[index].map { UInt16(clamping: $0.count) } ?? null
                unsafe target.storeBytes(of: count, toByteOffset: 16 + 2 * index, as: UInt16.self)
                guard let value = values[index] else { continue }
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[end...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[value]))
                end += value.count
            }
            return end
        }
    }

    /// Reads what `write` wrote, at `start`, and gives the position behind it.
    mutating func read(from start: Int) -> Int {
        let held = self.bytes
        let bytes = unsafe held.span.bytes
        let person = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: Int.self)
        let line = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start + 8, as: Int.self)
        key = RowKey(person: person, line: line)
        var end = start + Self.headByteCount
        for index in values.indices {
            let count = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start + 16 + 2 * index, as: UInt16.self)
            values[index] = count == Self.null ? nil : end..<end + Int(count)
            if count != Self.null { end += Int(count) }
        }
        return end
    }
}

/// The runs by the key of their next record: a binary heap.
private struct RunHeap {
    private var nodes: [(key: RowKey, run: Int)] = []

    /// The run whose next record is the first of all.
    var first: Int? { nodes.first?.run }

    mutating func insert(_ key: RowKey, _ run: Int) {
        nodes.append((key, run))
        var index = nodes.count - 1
        while index > 0, nodes[index].key < nodes[(index - 1) / 2].key {
            nodes.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Gives the first run its next key, or takes it out where it has none.
    mutating func replaceFirst(_ key: RowKey?) {
        if let key {
            nodes[0].key = key
        } else {
            nodes.swapAt(0, nodes.count - 1)
            nodes.removeLast()
        }
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < nodes.count && nodes[child].key < nodes[least].key
            {
                least = child
            }
            guard least != index else { return }
            nodes.swapAt(index, least)
            index = least
        }
    }
}
