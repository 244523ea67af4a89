"""What processes and all that they started have used until now."""

import psutil


def family(processes):
    roots = [psutil.Process(each.pid) for each in processes]
    return [each for root in roots for each in (root, *root.children(recursive=True))]


def cpu_seconds(processes):
    total = 0
    for each in family(processes):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def megabytes(processes):
    """Of memory; pages that several share count in parts."""
    return sum(each.memory_full_info().pss for each in family(processes)) / 1e6
