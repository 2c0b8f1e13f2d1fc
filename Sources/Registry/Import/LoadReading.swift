/// What a load is made into: an SQLite file or a server.
protocol LoadTarget {
    /// Carries the load out.
    func run(
        _ reader: consuming some RecordReader & ~Copyable, _ blank: ImportReport
    ) throws(RegistryError) -> ImportReport
}

/// The half of a load that does not depend on where it goes: reads and checks records, and tells of bad ones and of progress.
struct LoadReading {
    let plan: RegistryImport
    let totalByteCount: Int?
    let progress: (ImportProgress) -> Bool
    let rejected: (RejectedLine) -> Void

    private static let rowsBetweenProgress = 65_536

    /// Gives each good record with its line to `keep`, which may refuse it.
    func eachRow(
        _ reader: inout some RecordReader & ~Copyable, _ report: inout ImportReport,
        _ keep: (borrowing InsuredRow, Int, inout ImportReport) throws(RegistryError) -> RejectionReason?
    ) throws(RegistryError) {
        let layout = try ColumnLayout(header: reader.header)
        report.ignoredColumns = layout.ignored
        var row = InsuredRow(layout: layout, mode: plan.mode)
        reading: while true {
            switch try reader.next() {
            case .end: break reading
            case .malformed(let reason):
                report.read += 1
                reject(RejectedLine(line: reader.line, field: nil, reason: reason), &report)
            case .record:
                report.read += 1
                do {
                    try row.read(reader.bytes.span, reader.fields)
                } catch {
                    reject(RejectedLine(line: reader.line, field: error.column.name, reason: error.reason), &report)
                    continue
                }
                if let reason = try keep(row, reader.line, &report) {
                    reject(RejectedLine(line: reader.line, field: nil, reason: reason), &report)
                }
            }
            if report.read % Self.rowsBetweenProgress == 0 { try tell(.reading, reader.consumedByteCount, report) }
        }
        report.ignoredColumns += reader.unknownNames.sorted()
    }

    /// Takes a line down that is not kept.
    func reject(_ line: RejectedLine, _ report: inout ImportReport) {
        report.rejected += 1
        if report.rejectedLines.count < ImportReport.rejectedLimit { report.rejectedLines.append(line) }
        rejected(line)
    }

    /// - Throws: `stopped` when the caller wants no more.
    func tell(_ phase: ImportProgress.Phase, _ byteCount: Int, _ report: ImportReport) throws(RegistryError) {
        let goesOn = progress(
            ImportProgress(
                phase: phase, byteCount: byteCount, totalByteCount: totalByteCount, read: report.read,
                rejected: report.rejected))
        if !goesOn { throw .stopped }
    }
}
