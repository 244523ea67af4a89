extension Journal {
  /// Replaces all points.
  /// - Parameter points: what there is to say of each as JSON, and its model, where it is kept.
  public func setPoints(_ points: [(summary: String, model: [UInt8]?)]) throws {
    try database.transaction {
      try database.run("DELETE FROM point")
      for (number, point) in points.enumerated() {
        try database.run(
          "INSERT INTO point VALUES (?, ?, ?)",
          [.integer(number), .text(point.summary), point.model.map { .blob($0) } ?? .null])
      }
    }
  }

  public func pointCount() throws -> Int {
    try database.rows("SELECT count(*) FROM point")[0][0].integer ?? 0
  }

  /// Nil where there is no such point.
  public func point(_ number: Int) throws -> (summary: String, model: [UInt8]?)? {
    let rows = try database.rows("SELECT summary, model FROM point WHERE number = ?", [.integer(number)])
    return rows.first.map { (summary: $0[0].text ?? "", model: $0[1].blob) }
  }
}
