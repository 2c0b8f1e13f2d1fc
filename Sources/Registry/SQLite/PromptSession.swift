/// A connection that holds one state of the file, with what does not change in it. Used by one thread at a time.
final class PromptSession: @unchecked Sendable {
    private let connection: Connection
    let records: Statement
    private let lostCard: Statement
    private let state: Statement
    private let facility: Statement
    private let version: Statement
    private(set) var isHolding = false
    private var knownVersion: Int?
    private var dataAsOf: Timestamp?
    private(set) var promisedAge: Int?
    /// When the data was true, in JSON.
    private(set) var dataAsOfText: [UInt8] = []
    private var facilityNames: [String: String?] = [:]
    /// What an answer says of a facility, in JSON, by its code.
    var facilityTexts: [UInt64: [UInt8]] = [:]
    private(set) var openReports = OpenReports()
    private let reportedNumbers: Statement
    /// There are some thousands; more is somebody's attempt to fill the memory.
    static let nameLimit = 65_536

    init(path: String) throws(RegistryError) {
        let connection = try Connection(path: path, access: .readOnly)
        try Schema.check(connection)
        // The file's pages are read where the system keeps them; and whoever finds the file locked does not wait.
        try connection.execute("PRAGMA mmap_size = 2147418112; PRAGMA cell_size_check = OFF; PRAGMA busy_timeout = 0")
        let records = try connection.prepare(FindingsQuery.recordsOfPerson)
        let lostCard = try connection.prepare(FindingsQuery.lostIdentityCard)
        let state = try connection.prepare("SELECT data_as_of, promised_age FROM state")
        let facility = try connection.prepare("SELECT name FROM facility WHERE code = ?1")
        let version = try connection.prepare("PRAGMA data_version")
        let reportedNumbers = try connection.prepare(OpenReports.query)
        self.connection = connection
        self.records = records
        self.lostCard = lostCard
        self.state = state
        self.facility = facility
        self.version = version
        self.reportedNumbers = reportedNumbers
    }

    /// How old the data is, in seconds; nil when that is not known.
    func dataAge(_ now: Timestamp) -> Int? {
        dataAsOf.map { max(0, now.secondsSince1970 - $0.secondsSince1970) }
    }

    var hasMoved: Bool { connection.hasMoved }

    /// Begins to hold the file's state as it is now.
    func hold() throws(RegistryError) {
        try connection.execute("BEGIN")
        isHolding = true
        defer {
            state.reset()
            version.reset()
        }
        guard try state.step() else { throw .notARegistry(path: connection.path) }
        dataAsOf = state.integer(0).map(Timestamp.init(secondsSince1970:))
        promisedAge = state.integer(1).map(RegistryImport.boundedAge)
        let found = try version.step() ? version.integer(0) : nil
        if found == nil || found != knownVersion { try forget() }
        knownVersion = found
        var json = JSONText(marksValues: true)
        json.object { json in json.marking(.dataAsOf) { $0.member("dataAsOf", dataAsOf) } }
        dataAsOfText = json.marks.first.map { Array(json.bytes[$0.range]) } ?? []
    }

    /// Reads anew what was kept of the file's state before.
    private func forget() throws(RegistryError) {
        facilityNames.removeAll()
        facilityTexts.removeAll()
        openReports = try OpenReports(reportedNumbers)
    }

    /// Lets others write.
    func letGo() throws(RegistryError) {
        guard isHolding else { return }
        isHolding = false
        try connection.execute("COMMIT")
    }

    func find(_ checked: CheckedQuestion) throws(RegistryError) -> Findings {
        let (number, _, issuedOn) = checked.lookUp
        var findings = Findings()
        findings.dataAsOf = dataAsOf
        findings.promisedAge = promisedAge
        findings.idCardLostOn = try lostOn(number, issuedOn)
        defer { records.reset() }
        try records.bind(PersonalNumber.value(number.utf8.span), at: 1)
        while try records.step() {
            let code = records.text(9)
            if records.text(0) == number,
                let record = InsuranceRecord(
                    records, from: 0, facilityCode: code, facilityName: try code.flatMap(facilityName))
            {
                findings.records.append(record)
            }
        }
        findings.putInOrder()
        return findings
    }

    private func lostOn(_ number: String, _ issuedOn: String?) throws(RegistryError) -> Day? {
        guard openReports.mayHave(number) else { return nil }
        defer { lostCard.reset() }
        try lostCard.bind(number, at: 1)
        try lostCard.bind(issuedOn, at: 2)
        return try lostCard.step() ? lostCard.text(0).flatMap(Day.init(iso:)) : nil
    }

    func facilityName(_ code: String) throws(RegistryError) -> String? {
        if let known = facilityNames[code] { return known }
        defer { facility.reset() }
        try facility.bind(code, at: 1)
        let name = try facility.step() ? facility.text(0) : nil
        if facilityNames.count < Self.nameLimit { facilityNames[code] = .some(name) }
        return name
    }
}
