// What a scanner types, a person types, or the clipboard holds, as a key to the card.

/** The length of the machine readable zone of a card (Doc 9303-5): three lines of thirty. */
const ZONE_LENGTH = 90;

const DIGITS_12 = /^\d{12}$/;
const DIGITS_6 = /^\d{6}$/;

/** The machine readable zone in a text, without line breaks; null when it does not begin like one. */
export function zoneOf(text) {
  const packed = text.toUpperCase().replace(/[\s\r\n]+/g, "");
  return /^[IAC][A-Z<]VNM[A-Z0-9<]*$/.test(packed) ? packed : null;
}

/** Whether a scanner that sends the zone line by line has more to send. */
export function isPartOfZone(text) {
  const zone = zoneOf(text);
  return zone !== null && zone.length < ZONE_LENGTH;
}

/** The fields of the QR code's text, or null. Names as in the API's answers, days as YYYY-MM-DD. */
export function readQR(text) {
  const fields = text.trim().split("|").map((field) => field.trim());
  if (fields.length < 7 || !DIGITS_12.test(fields[0])) return null;
  const day = (digits) => /^\d{8}$/.test(digits) ? `${digits.slice(4)}-${digits.slice(2, 4)}-${digits.slice(0, 2)}` : digits;
  return {
    personalNumber: fields[0], oldNumber: fields[1], fullName: fields[2], birthDate: day(fields[3]),
    sex: { nam: "male", "nữ": "female" }[fields[4].toLowerCase().normalize("NFC")], residence: fields[5],
    issueDate: day(fields[6]),
  };
}

/** The fields of a whole machine readable zone of a CCCD, or null; days as it writes them, YYMMDD. */
export function readZone(text) {
  const zone = zoneOf(text);
  if (zone === null || zone.length !== ZONE_LENGTH) return null;
  const name = zone.slice(60).split("<<").map((part) => part.replaceAll("<", " ").trim()).filter(Boolean).join(" ");
  return {
    documentNumber: zone.slice(5, 14).replaceAll("<", ""), personalNumber: zone.slice(15, 27), birthDate: zone.slice(30, 36),
    sex: { M: "male", F: "female" }[zone[37]], expiryDate: zone.slice(38, 44), fullName: name,
  };
}

/** Whether a scanner or a keyboard layout spoiled the Vietnamese letters of a QR code's text. */
function isSpoiled(fields) {
  return fields.sex === undefined || !/^[\p{L}\p{M}' .-]+$/u.test(fields.fullName);
}

/**
 * The key in a text: `body` is what the check-in is asked with, `qr` and `zone` what was scanned, `remark` what the desk is
 * told about it. Null when it is no key.
 */
export function readKey(text) {
  const trimmed = text.trim();
  const digits = trimmed.replace(/[\s.-]/g, "");
  if (DIGITS_12.test(digits)) return { body: { personalNumber: digits } };
  if (DIGITS_6.test(digits)) return { body: { can: digits } };
  if (trimmed.includes("|")) {
    const qr = readQR(trimmed);
    const number = trimmed.split("|")[0].trim();
    if (qr !== null && !isSpoiled(qr)) return { body: { qr: trimmed }, qr };
    // The number is plain digits and came through: it opens the chip, and the rest proves nothing.
    return DIGITS_12.test(number) ? { body: { personalNumber: number }, remark: "key.spoiled" } : null;
  }
  const zone = zoneOf(trimmed);
  if (zone === null) return null;
  if (zone.length === ZONE_LENGTH) {
    const lines = [0, 30, 60].map((start) => zone.slice(start, start + 30));
    return { body: { mrz: lines.join("\n") }, zone: readZone(zone) };
  }
  // The first line alone holds the personal number.
  const number = zone.slice(15, 27);
  return DIGITS_12.test(number) ? { body: { personalNumber: number }, remark: "key.firstLine" } : null;
}

/** A name as the machine readable zone writes it: capital letters of ASCII. */
export function zoneName(name) {
  return name.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replaceAll("Đ", "D").toUpperCase()
    .replace(/[^A-Z]+/g, " ").trim();
}

/**
 * What chip, QR code and machine readable zone say, side by side: rows of `{ field, chip, qr, zone, agrees }`, where `agrees`
 * is undefined when there is nothing to compare.
 */
export function crossCheck(holder, qr, zone) {
  const plain = (text) => text.normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim();
  const short = (day) => day.replaceAll("-", "").slice(2);
  const rows = [];
  for (const field of ["personalNumber", "documentNumber", "fullName", "birthDate", "sex", "issueDate", "expiryDate", "residence"]) {
    const row = { field, chip: holder[field], qr: qr?.[field], zone: zone?.[field] };
    const findings = [];
    if (row.chip !== undefined && row.qr !== undefined && row.qr !== "") findings.push(plain(row.chip) === plain(row.qr));
    if (row.chip !== undefined && row.zone !== undefined) {
      if (field === "fullName") {
        // The zone cuts long names off, and orders family name and given names as the card does.
        findings.push(zoneName(row.chip).startsWith(zoneName(row.zone)) && row.zone !== "");
      } else if (field.endsWith("Date")) {
        findings.push(short(row.chip) === row.zone);
      } else {
        findings.push(plain(row.chip) === plain(row.zone));
      }
    }
    if (findings.length > 0) row.agrees = findings.every(Boolean);
    if (row.qr !== undefined || row.zone !== undefined) rows.push(row);
  }
  return rows;
}
