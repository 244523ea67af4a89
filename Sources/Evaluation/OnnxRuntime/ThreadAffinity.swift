import Foundation

/// Where the threads of a session run: each on a processor of its own.
///
/// Left alone, the system may wake all of them on one processor, and keep them there for as long as the session lives.
/// The same model measured twice in turn on two threads then took 1.2 to 1.4 of its own time; bound, 1.00.
enum ThreadAffinity {
  /// The value of `session.intra_op_thread_affinities`: for each thread but the caller's, a processor, counted from 1.
  /// Nil where one thread runs, where there are fewer processors than threads, and where the system binds none.
  static func setting(threads: Int, processors: [Int] = allowedProcessors) -> String? {
    guard threads > 1, threads <= processors.count else { return nil }
    return processors[1..<threads].map { "\($0 + 1)" }.joined(separator: ";")
  }

  /// Those that this process may run on, counted from 0. Only Linux tells, and only there threads are bound.
  private static let allowedProcessors: [Int] = {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return [] }
    return status.split(separator: "\n").lazy.compactMap { line in
      line.hasPrefix("Cpus_allowed_list:") ? processors(line.dropFirst("Cpus_allowed_list:".count)) : nil
    }.first ?? []
  }()

  /// Of a list such as `0-3,8`; none where it is not understood.
  static func processors(_ list: some StringProtocol) -> [Int] {
    let ranges = list.split(separator: ",").map { range in
      range.split(separator: "-").map { Int($0.trimmingCharacters(in: .whitespaces)) }
    }
    var processors: [Int] = []
    for range in ranges {
      guard let first = range.first ?? nil, let last = range.last ?? nil, range.count <= 2, first <= last,
        last < 1 << 16
      else { return [] }
      processors += first...last
    }
    return processors
  }
}
