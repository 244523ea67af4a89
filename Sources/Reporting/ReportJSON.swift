import Foundation

/// Pretty-printed in snake case, keys sorted, so that equal reports are equal bytes. What is no number is text.
func reportJSON(_ report: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  var data = try encoder.encode(report)
  data.append(UInt8(ascii: "\n"))
  return data
}

/// What `reportJSON` has made.
/// - Throws: `DecodingError`.
private func readReport<Report: Decodable>(_ json: Data) throws -> Report {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  return try decoder.decode(Report.self, from: json)
}

extension SensitivityReport {
  /// What an earlier run has written as `sensitivity.json`.
  /// - Throws: `DecodingError`.
  public init(json: Data) throws { self = try readReport(json) }
}

extension ParetoReport {
  /// What an earlier run has written as `pareto.json`.
  /// - Throws: `DecodingError`.
  public init(json: Data) throws { self = try readReport(json) }
}
