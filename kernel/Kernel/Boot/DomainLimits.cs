namespace RedLeafSharp.Kernel.Boot;

/// <summary>
/// What one generation, or one process, may use: the field `limits` of its manifest. docs/limits.md explains each field.
/// </summary>
internal sealed record DomainLimits
{
    /// <summary>Stands for no limit.</summary>
    internal const long None = long.MaxValue;

    /// <summary>
    /// Domains serve others, who wait meanwhile. The longest stretches between two waits of this system's domains are of
    /// milliseconds; ten seconds of processor time without a wait are a loop that does not end.
    /// </summary>
    internal static readonly DomainLimits OfDomains = new() { CallMicros = 10_000_000 };

    /// <summary>
    /// A program is one call that may compute as long as it likes. Its buffers are borrowed by those it calls, so it needs
    /// the exchange heap for next to nothing, and there may be 512 of them. Managed memory is the whole process's: a program may
    /// read a large file at once, and one that goes on like that is stopped before it fills a small machine.
    /// </summary>
    internal static readonly DomainLimits OfPrograms = new()
    {
        ExchangeBytes = 16 << 20,
        ExchangeBlocks = 16_384,
        AllocatedBytesPerSecond = 256 << 20,
        AllocatedBurstBytes = 512 << 20,
    };

    /// <summary>Processor time that one call may take without a wait, in microseconds.</summary>
    internal long CallMicros { get; init; } = None;

    /// <summary>Processor time in percent of one core.</summary>
    internal long ProcessorPercent { get; init; } = None;

    /// <summary>Processor time that may be saved up while it is not used, in microseconds.</summary>
    internal long ProcessorBurstMicros { get; init; } = 1_000_000;

    /// <summary>Managed memory that may be allocated in a second, in bytes, whether it is still used or not.</summary>
    internal long AllocatedBytesPerSecond { get; init; } = None;

    /// <summary>Allocation that may be saved up, in bytes; also the largest array.</summary>
    internal long AllocatedBurstBytes { get; init; } = None;

    /// <summary>What may be held on the exchange heap, in bytes.</summary>
    internal long ExchangeBytes { get; init; } = None;

    /// <summary>As <see cref="ExchangeBytes"/>, in blocks.</summary>
    internal long ExchangeBlocks { get; init; } = None;

    /// <exception cref="BootException">A field is wrong or unknown.</exception>
    internal static DomainLimits Parse(YamlFields? fields, DomainLimits defaults)
    {
        if (fields is null)
        {
            return defaults;
        }

        long perSecond = Scaled(fields, "allocatedMebibytesPerSecond", 0, 1 << 20, 64 * 1024);
        long burst = perSecond == 0 ? defaults.AllocatedBurstBytes : perSecond;
        var limits = new DomainLimits
        {
            CallMicros = Scaled(fields, "callMilliseconds", defaults.CallMicros, 1000, 86_400_000),
            ProcessorPercent = Scaled(fields, "cpuPercent", defaults.ProcessorPercent, 1, 100),
            ProcessorBurstMicros = Scaled(fields, "cpuBurstMilliseconds", defaults.ProcessorBurstMicros, 1000, 86_400_000),
            AllocatedBytesPerSecond = perSecond == 0 ? defaults.AllocatedBytesPerSecond : perSecond,
            AllocatedBurstBytes = Scaled(fields, "allocatedBurstMebibytes", burst, 1 << 20, 64 * 1024),
            ExchangeBytes = Scaled(fields, "exchangeMebibytes", defaults.ExchangeBytes, 1 << 20, 64 * 1024),
            ExchangeBlocks = Scaled(fields, "exchangeBlocks", defaults.ExchangeBlocks, 1, 1 << 30),
        };
        fields.RefuseOthers();
        return limits;
    }

    private static long Scaled(YamlFields fields, string field, long defaultValue, long unit, long max)
    {
        long number = fields.Number(field, 0, 1, max);
        return number == 0 ? defaultValue : number * unit;
    }
}
