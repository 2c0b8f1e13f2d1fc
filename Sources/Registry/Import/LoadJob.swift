/// Carries a load into an SQLite file out: chooses the database to work in, fills it, and puts it in place.
struct LoadJob: LoadTarget {
    let reading: LoadReading
    let path: String

    private var plan: RegistryImport { reading.plan }

    /// Changes up to this size are made in the registry file itself, in one transaction held in memory; more are made
    /// in a copy, since readers wait while a transaction is written.
    private static let inPlaceByteCount = 2_097_152

    func run(_ reader: consuming some RecordReader & ~Copyable, _ blank: ImportReport) throws(RegistryError)
        -> ImportReport
    {
        var reader = reader
        var report = blank
        switch plan.mode {
        case .full:
            // Opened for writing, since what a killed program left in the journal is undone by whoever opens it so.
            if FileSystem.exists(path) {
                try Schema.check(Connection(path: path, access: .readWrite), isToBeReplaced: true)
            }
            if plan.isDryRun {
                return try dryRunOfFullLoad(reader, blank)
            } else {
                let lock = try LoadLock(for: path)
                try replace(&report) { connection, report throws(RegistryError) in
                    try build(connection, &reader, &report)
                }
                _ = consume lock
            }
        case .changes:
            let lock = try LoadLock(for: path)
            let live = try Connection(path: path, access: .readWrite)
            try Schema.check(live)
            if plan.isDryRun {
                let scratch = try Connection(path: "", access: .create)
                try scratch.workUnseen()
                try live.copy(into: scratch)
                try scratch.transaction { () throws(RegistryError) in try change(scratch, &reader, &report) }
            } else if let byteCount = reading.totalByteCount, byteCount <= Self.inPlaceByteCount {
                try live.execute("PRAGMA cache_spill = OFF")
                try live.transaction { () throws(RegistryError) in try change(live, &reader, &report) }
            } else {
                try replace(&report) { connection, report throws(RegistryError) in
                    try live.copy(into: connection)
                    try connection.transaction { () throws(RegistryError) in
                        try change(connection, &reader, &report)
                    }
                }
            }
            _ = consume lock
        }
        return report
    }

    // MARK: Full load

    /// Makes a full load into a private database that is thrown away.
    func dryRunOfFullLoad(
        _ reader: consuming some RecordReader & ~Copyable, _ blank: ImportReport
    ) throws(RegistryError) -> ImportReport {
        var reader = reader
        var report = blank
        let scratch = try Connection(path: "", access: .create)
        try scratch.workUnseen()
        try build(scratch, &reader, &report)
        return report
    }

    private func build(
        _ connection: borrowing Connection, _ reader: inout some RecordReader & ~Copyable,
        _ report: inout ImportReport
    ) throws(RegistryError) {
        try connection.execute("BEGIN")
        try Schema.create(in: connection)
        let rows = try RowSort()
        let facilities = try FacilityNames(connection)
        try reading.eachRow(&reader, &report) { row, line, report throws(RegistryError) in
            try rows.add(row.bytes, row.values, line: line)
            try facilities.keep(row)
            report.inserted += 1
            return nil
        }
        try reading.tell(.indexing, reader.consumedByteCount, report)
        for (line, reason) in try RowFill.fill(connection, from: rows) {
            report.inserted -= 1
            reading.reject(RejectedLine(line: line, field: "validFrom", reason: reason), &report)
        }
        try connection.execute(Schema.indexes)
        try removeRepeatedCards(connection, &report)
        guard report.inserted > 0 else { throw .nothingToLoad(rejected: report.rejected) }
        try finish(connection, &report, previousTotal: 0)
        try connection.execute("COMMIT")
        try reading.tell(.publishing, reader.consumedByteCount, report)
    }

    /// Of several lines with the same card and first day, and no personal number, the first is kept. Their ids are their
    /// lines, below zero.
    private func removeRepeatedCards(
        _ connection: borrowing Connection, _ report: inout ImportReport
    ) throws(RegistryError) {
        let groups = try connection.prepare(
            """
            SELECT substr(card_number, -10), valid_from, max(id) FROM insured WHERE id < 0
            GROUP BY 1, 2 HAVING count(*) > 1
            """)
        let members = try connection.prepare(
            "SELECT id FROM insured WHERE substr(card_number, -10) = ?1 AND valid_from = ?2 AND id < ?3")
        let delete = try connection.prepare("DELETE FROM insured WHERE id = ?1")
        var repeated: [(line: Int, first: Int)] = []
        while try groups.step() {
            let first = groups.integer(2)
            try members.bind(groups.text(0), at: 1)
            try members.bind(groups.text(1), at: 2)
            try members.bind(first, at: 3)
            while try members.step() {
                if let id = members.integer(0), let first { repeated.append((-id, -first)) }
            }
            members.reset()
        }
        for (line, first) in repeated.sorted(by: { $0.line < $1.line }) {
            try delete.bind(-line, at: 1)
            try delete.run()
            report.inserted -= 1
            reading.reject(RejectedLine(line: line, field: "validFrom", reason: .repeated(line: first)), &report)
        }
    }

    /// Fills a new file and puts it in the place of the registry.
    private func replace(
        _ report: inout ImportReport,
        by fill: (borrowing Connection, inout ImportReport) throws(RegistryError) -> Void
    ) throws(RegistryError) {
        var filled = report
        try Self.replace(path, by: { connection throws(RegistryError) in try fill(connection, &filled) }, takeOver)
        report = filled
    }

    /// Fills a new file beside `path` and renames it to `path`, where `takeOver` has been given what stood there before.
    static func replace(
        _ path: String,
        by fill: (borrowing Connection) throws(RegistryError) -> Void,
        _ takeOver: (_ old: borrowing Connection, _ new: borrowing Connection) throws(RegistryError) -> Void = { _, _ in
        }
    ) throws(RegistryError) {
        let newPath = path + ".loading"
        do {
            // Left behind by a load that was killed.
            try FileSystem.remove(newPath)
            try FileSystem.remove(newPath + "-journal")
            try {
                () throws(RegistryError) in
                let connection = try Connection(path: newPath, access: .create)
                try connection.workUnseen()
                try fill(connection)
            }()
            try publish(newPath, as: path, takeOver)
        } catch {
            try? FileSystem.remove(newPath)
            try? FileSystem.remove(newPath + "-journal")
            throw error
        }
    }

    private static func publish(
        _ newPath: String, as path: String,
        _ takeOver: (_ old: borrowing Connection, _ new: borrowing Connection) throws(RegistryError) -> Void
    ) throws(RegistryError) {
        guard FileSystem.exists(path) else {
            try FileSystem.setAccess(of: newPath, like: path)
            return try FileSystem.replace(path, with: newPath)
        }
        let old = try Connection(path: path, access: .readWrite)
        // From here to the rename nobody else can write into the old file, so no report of a lost card gets lost.
        try old.execute("BEGIN IMMEDIATE")
        defer { old.rollBack() }
        try {
            () throws(RegistryError) in
            let new = try Connection(path: newPath, access: .readWrite)
            try takeOver(old, new)
        }()
        try FileSystem.setAccess(of: newPath, like: path)
        try FileSystem.replace(path, with: newPath)
    }

    /// Copies what does not come from files: reports of lost cards, what chips said, the history of loads.
    private func takeOver(from old: borrowing Connection, to new: borrowing Connection) throws(RegistryError) {
        try new.execute("ATTACH DATABASE '\(old.path.replacing("'", with: "''"))' AS previous")
        try new.execute("PRAGMA main.synchronous = OFF; PRAGMA main.journal_mode = MEMORY")
        // Not BEGIN IMMEDIATE, which would ask for the old file's write lock, and that is held already.
        try new.execute("BEGIN")
        for table in ["lost_card", "chip_statement"] {
            try new.execute("DELETE FROM main.\(table); INSERT INTO main.\(table) SELECT * FROM previous.\(table)")
        }
        // A copy for changes has the history already, and nobody else can have loaded since.
        if plan.mode == .full {
            try new.execute(
                """
                UPDATE main.load SET id = id + (SELECT coalesce(max(id), 0) FROM previous.load);
                INSERT INTO main.load SELECT * FROM previous.load;
                UPDATE main.state SET promised_age = coalesce(promised_age, (SELECT promised_age FROM previous.state))
                """)
        }
        try new.execute("COMMIT")
        try new.execute("DETACH DATABASE previous")
    }

    // MARK: Changes

    private func change(
        _ connection: borrowing Connection, _ reader: inout some RecordReader & ~Copyable,
        _ report: inout ImportReport
    ) throws(RegistryError) {
        let previousTotal = try connection.integer("SELECT count(*) FROM insured")
        let writer = try ChangeWriter(connection)
        let facilities = try FacilityNames(connection)
        try reading.eachRow(&reader, &report) { row, _, report throws(RegistryError) in
            if row.operation == .put { try facilities.keep(row) }
            switch try writer.apply(row, connection) {
            case .inserted: report.inserted += 1
            case .updated: report.updated += 1
            case .unchanged: report.unchanged += 1
            case .deleted: report.deleted += 1
            case .nothingToDelete: return .nothingToDelete
            case .noRoom: return .moreRecordsThan(limit: RowOrder.perPerson)
            }
            return nil
        }
        try finish(connection, &report, previousTotal: previousTotal)
        try reading.tell(.publishing, reader.consumedByteCount, report)
    }

    // MARK: Both

    private func finish(
        _ connection: borrowing Connection, _ report: inout ImportReport, previousTotal: Int
    ) throws(RegistryError) {
        report.total = previousTotal + report.inserted - report.deleted
        let now = Timestamp.now.secondsSince1970
        let state = try connection.prepare(
            """
            UPDATE state SET row_count = ?1, loaded_at = ?2, data_as_of = max(coalesce(data_as_of, ?3), ?3),
            promised_age = coalesce(?4, promised_age)
            """)
        try state.bind(report.total, at: 1)
        try state.bind(now, at: 2)
        try state.bind(report.dataAsOf.secondsSince1970, at: 3)
        try state.bind(plan.promisedAge.map(RegistryImport.boundedAge), at: 4)
        try state.run()
        let load = try connection.prepare(
            """
            INSERT INTO load (mode, finished_at, data_as_of, read, kept, deleted, rejected)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        try load.bind(plan.mode.rawValue, at: 1)
        try load.bind(now, at: 2)
        try load.bind(report.dataAsOf.secondsSince1970, at: 3)
        try load.bind(report.read, at: 4)
        try load.bind(report.kept, at: 5)
        try load.bind(report.deleted, at: 6)
        try load.bind(report.rejected, at: 7)
        try load.run()
    }
}
