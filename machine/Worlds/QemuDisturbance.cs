namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// What goes wrong between QEMU's controller and its image: filters of QEMU's block layer, so that the controller itself
/// turns what happens below it into NVMe statuses and delays.
/// </summary>
internal sealed record QemuDisturbance
{
    private const string SlowGroup = "slow";

    /// <summary>Accesses that fail (blkdebug, docs/devel/blkdebug.txt in QEMU's sources).</summary>
    internal IReadOnlyList<QemuBlockError> Errors { get; init; } = [];

    /// <summary>Reads and writes that are let through in a second (throttle, docs/throttle.txt); 0 for all.</summary>
    internal int AccessesPerSecondMax { get; init; }

    /// <summary>Arguments of QEMU that come before those of the disk.</summary>
    internal IReadOnlyList<string> Arguments =>
        AccessesPerSecondMax > 0
            ? ["-object", FormattableString.Invariant($"throttle-group,id={SlowGroup},x-iops-total={AccessesPerSecondMax}")]
            : [];

    /// <summary>The node of the image with the filters over it.</summary>
    internal Dictionary<string, object> Over(Dictionary<string, object> image)
    {
        if (Errors.Count > 0)
        {
            image = new() { ["driver"] = "blkdebug", ["image"] = image, ["inject-error"] = Errors.Select(Rule).ToArray() };
        }

        return AccessesPerSecondMax > 0
            ? new() { ["driver"] = "throttle", ["throttle-group"] = SlowGroup, ["file"] = image }
            : image;
    }

    private static Dictionary<string, object> Rule(QemuBlockError error)
    {
        var rule = new Dictionary<string, object>
        {
            ["event"] = "none",
            ["iotype"] = error.Access,
            ["errno"] = error.ErrorNumber,
            ["once"] = error.IsOnce,
        };
        if (error.Sector >= 0)
        {
            rule["sector"] = error.Sector;
        }

        return rule;
    }
}

/// <summary>An access of the image that fails.</summary>
/// <param name="Access">read, write, write-zeroes, discard or flush.</param>
/// <param name="Sector">The sector of 512 bytes that makes an access fail which touches it; -1 for any.</param>
/// <param name="ErrorNumber">The host's errno.</param>
/// <param name="IsOnce">Whether the next access succeeds again.</param>
internal sealed record QemuBlockError(string Access, long Sector, int ErrorNumber, bool IsOnce = false);
