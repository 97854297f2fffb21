namespace RedLeafSharp.Posix.Programs;

/// <summary>The operands of dd: name=value.</summary>
internal sealed class DdOperands
{
    public string? InputPath { get; private set; }

    public string? OutputPath { get; private set; }

    public long InputBlockBytes { get; private set; } = 512;

    public long OutputBlockBytes { get; private set; } = 512;

    /// <summary>Blocks to copy; -1 for all.</summary>
    public long Count { get; private set; } = -1;

    public long SkipBlocks { get; private set; }

    public long SeekBlocks { get; private set; }

    /// <summary>conv=notrunc.</summary>
    public bool KeepsLength { get; private set; }

    /// <summary>conv=fsync or fdatasync.</summary>
    public bool Syncs { get; private set; }

    /// <summary>conv=sync: short blocks are filled up with zeroes.</summary>
    public bool PadsBlocks { get; private set; }

    /// <summary>conv=excl.</summary>
    public bool IsExclusive { get; private set; }

    /// <summary>iflag=fullblock.</summary>
    public bool FillsBlocks { get; private set; }

    /// <summary>none, noxfer, or empty.</summary>
    public string Status { get; private set; } = "";

    /// <summary>Takes one operand.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Take(string operand)
    {
        int equals = operand.IndexOf('=');
        if (equals < 0)
        {
            return $"unrecognized operand '{operand}'";
        }

        string value = operand[(equals + 1)..];
        switch (operand[..equals])
        {
            case "if":
                InputPath = value;
                return null;
            case "of":
                OutputPath = value;
                return null;
            case "status":
                Status = value;
                return value is "none" or "noxfer" or "progress" ? null : $"invalid status level: '{value}'";
            case "conv":
                return TakeConversions(value);
            case "iflag":
                FillsBlocks |= value.Contains("fullblock", StringComparison.Ordinal);
                return null;
            case "oflag":
                return null;
            default:
                return TakeNumber(operand, operand[..equals], value);
        }
    }

    private string? TakeConversions(string list)
    {
        foreach (string conversion in list.Split(','))
        {
            switch (conversion)
            {
                case "notrunc":
                    KeepsLength = true;
                    break;
                case "fsync" or "fdatasync":
                    Syncs = true;
                    break;
                case "sync":
                    PadsBlocks = true;
                    break;
                case "excl":
                    IsExclusive = true;
                    break;
                default:
                    return $"invalid conversion: '{conversion}'";
            }
        }

        return null;
    }

    private string? TakeNumber(string operand, string name, string value)
    {
        if (!SizeText.TryParse(value, out long number))
        {
            return $"invalid number: '{value}'";
        }

        switch (name)
        {
            case "bs":
                InputBlockBytes = number;
                OutputBlockBytes = number;
                return null;
            case "ibs":
                InputBlockBytes = number;
                return null;
            case "obs":
                OutputBlockBytes = number;
                return null;
            case "count":
                Count = number;
                return null;
            case "skip" or "iseek":
                SkipBlocks = number;
                return null;
            case "seek" or "oseek":
                SeekBlocks = number;
                return null;
            default:
                return $"unrecognized operand '{operand}'";
        }
    }
}
