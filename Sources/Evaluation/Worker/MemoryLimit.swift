import Foundation

/// How much memory a worker may make for itself (`ProcessLimits.setMemory`).
enum MemoryLimit {
  /// Whether an error's text is that of an allocation that failed.
  static func isReached(by message: String) -> Bool {
    ["bad_alloc", "Failed to allocate memory", "bad allocation"].contains { message.contains($0) }
  }
}

/// The memory of this machine, or what its control group leaves of it.
public enum MachineMemory {
  public static var byteCount: Int {
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let group = (try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8))
      .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    return min(physical, group ?? physical)
  }
}
