namespace RedLeafSharp.Tests.Worlds;

/// <summary>
/// Where the simulated controller answers otherwise than QEMU's, and why it may (NVMe 1.4). A scenario that is not listed
/// must end alike.
/// </summary>
internal static class KnownDifferences
{
    private const string NamespaceNumbers = "QEMU counts 256 namespaces: 2 is inactive there, invalid here (section 6.1)";
    private const string NoIommu = "QEMU's machine has no IOMMU and discards accesses to nowhere";
    private const string NotRequiredToCheck = "section 4.3, figure 108: a controller may check the low bits of a PRP, it need not";
    private const string Unknown = "section 5.14: a log page that is not there is Invalid Log Page, not Invalid Field";
    private const string Hints = "section 6.7: out of range is an error here; QEMU skips the range";
    private const string Options = "options of the device, each described by its own Identify data";

    internal static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["create SQ on CQ 0"] = "section 5.4: 0 is Invalid Queue Identifier, QEMU says Completion Queue Invalid",
        ["create SQ on a CQ beyond the grant"] = "section 5.4: out of range is Invalid Queue Identifier, as above",
        ["delete CQ 0"] = "section 5.5: Invalid Queue Identifier; Completion Queue Invalid is not among the command's statuses",
        ["delete CQ that is not there"] = "section 5.5, as above",
        ["delete CQ in use, then in order"] = "section 5.5, as above, for the last of the four",
        ["admin command, fused"] = "Do Not Retry is set here: the same command would fail again",
        ["read, fused"] = "Do Not Retry, as above",
        ["identify namespace 2"] = NamespaceNumbers,
        ["read of namespace 2"] = NamespaceNumbers,
        ["flush of namespace 2"] = NamespaceNumbers,
        ["I/O opcode 7Fh of namespace 2"] = NamespaceNumbers,
        ["I/O opcode 7Fh of namespace 1000"] = "two errors at once: here the opcode comes first",
        ["get feature 5 of namespace 2"] = NamespaceNumbers,
        ["set feature 5 of namespace 2"] = NamespaceNumbers,
        ["identify, PRP1 odd"] = NotRequiredToCheck,
        ["read, PRP1 odd"] = NotRequiredToCheck,
        ["read, PRP list odd"] = NotRequiredToCheck,
        ["identify, controller fields"] = Options,
        ["identify, namespace fields"] = Options,
        ["get every feature"] = Options,
        ["get every feature's default"] = Options,
        ["get every feature's saved value"] = Options,
        ["get every feature's capabilities"] = Options,
        ["log page 0"] = Unknown,
        ["log page 80h"] = Unknown,
        ["log page C0h"] = Unknown,
        ["abort of an event request"] = "section 5.1: an abort is best effort; QEMU aborts nothing",
        ["read from PRP2 of 0"] = NoIommu,
        ["read into no memory"] = NoIommu,
        ["write from no memory"] = NoIommu,
        ["verify"] = "figure 247, ONCS bit 7: neither offers it; QEMU carries it out all the same",
        ["write uncorrectable"] = "figure 247, ONCS bit 1: optional, offered here and not there",
        ["deallocate beyond the end"] = Hints,
        ["dataset hints beyond the end"] = Hints,
        ["enable with arbitration that is not offered"] = "section 3.1.5: undefined; here it is CSTS.CFS",
        ["enable without entry sizes"] = "section 5.4, Invalid Queue Size: the sizes are needed when a queue is created",
        ["create queues without entry sizes"] = "as above; QEMU does not get that far",
        ["get a feature, reserved select"] = "Invalid Field for a reserved value; QEMU takes it for the current one",
        ["set queues to 4 and 8"] = "section 5.21.1.7: QEMU grants all it has, here what was asked for",
        ["set feature 9 of a vector too high"] = "QEMU's feature 9 cannot be changed at all",
        ["temperature threshold of sensor 3"] = "there is no such sensor; QEMU ignores the write",
        ["event when the threshold falls"] = "order of a command's completion and the event it causes: not specified",
    };
}
