using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace RedLeafSharp.Tests.Hostile.Fuzzing;

/// <summary>
/// Changes a sound assembly a little, as a seed says: an opcode, an operand, a token, a handler, a signature, a row, any byte.
/// </summary>
internal sealed class Mutator
{
    private const int TokenBytes = 4;
    private static readonly OpCode[] OneByte = [.. AllOpCodes.Where(code => code.Size == 1)];

    private readonly byte[] image;
    private readonly List<(int Offset, OpCode Code)> instructions = [];
    private readonly List<(int Start, int End, int Token)> bodies = [];
    private readonly List<(int Start, int Length)> handlers = [];
    private readonly List<int> tokens = [];
    private readonly (int Start, int Length) blobs;
    private readonly (int Start, int Length) rows;
    private readonly (int Start, int Length) metadata;

    internal Mutator(byte[] image)
    {
        this.image = image;
        using var file = new PEReader([.. image]);
        MetadataReader reader = file.GetMetadataReader();
        metadata = (file.PEHeaders.MetadataStartOffset, file.PEHeaders.MetadataSize);
        rows = Image.TableStream(image);
        blobs = (metadata.Start + reader.GetHeapMetadataOffset(HeapIndex.Blob), reader.GetHeapSize(HeapIndex.Blob));
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress != 0)
            {
                ReadBody(file, method.RelativeVirtualAddress, MetadataTokens.GetToken(handle));
            }
        }
    }

    private static IEnumerable<OpCode> AllOpCodes =>
        typeof(OpCodes).GetFields().Select(one => (OpCode)one.GetValue(null)!)
            .Where(code => code.OpCodeType != OpCodeType.Nternal);

    /// <summary>The tokens of the methods whose code or handlers differ between a mutant and what it was made of.</summary>
    internal IReadOnlyList<int> ChangedMethods(byte[] mutant) =>
        [.. bodies.Where(body => !mutant.AsSpan(body.Start, body.End - body.Start).SequenceEqual(image.AsSpan(body.Start, body.End - body.Start)))
            .Select(body => body.Token)];

    /// <summary>The mutant of a seed, and what was changed.</summary>
    internal (byte[] Image, string What) Mutate(int seed)
    {
        var random = new Random(seed);
        byte[] mutant = [.. image];
        int changes = random.Next(4) == 0 ? 1 + random.Next(4) : 1;
        string what = string.Empty;
        for (int i = 0; i < changes; i++)
        {
            what += (i > 0 ? ", " : string.Empty) + MutateOnce(mutant, random);
        }

        return (mutant, what);
    }

    private string MutateOnce(byte[] mutant, Random random)
    {
        switch (random.Next(10))
        {
            case 0 or 1 or 2:
                return ChangeOpCode(mutant, random);
            case 3 or 4:
                return ChangeOperand(mutant, random);
            case 5 or 6:
                return ChangeToken(mutant, random);
            case 7:
                return handlers.Count == 0 ? ChangeOpCode(mutant, random)
                    : ChangeByte(mutant, random, handlers[random.Next(handlers.Count)], "handler");
            case 8:
                return ChangeByte(mutant, random, blobs, "signature");
            default:
                return random.Next(2) == 0 ? ChangeByte(mutant, random, rows, "row") : ChangeByte(mutant, random, metadata,
                    "metadata");
        }
    }

    /// <summary>By one of the same length, so that the instructions behind stay where they are.</summary>
    private string ChangeOpCode(byte[] mutant, Random random)
    {
        (int offset, OpCode old) = instructions[random.Next(instructions.Count)];
        int operandBytes = OperandBytes(old, mutant, offset + old.Size);
        OpCode[] alike = [.. OneByte.Where(code => old.Size == 1 && code.OperandType != OperandType.InlineSwitch
            && OperandBytes(code, mutant, 0) == operandBytes)];
        if (alike.Length == 0)
        {
            return ChangeOperand(mutant, random);
        }

        OpCode next = alike[random.Next(alike.Length)];
        mutant[offset] = (byte)next.Value;
        return $"{old} to {next} at 0x{offset:x}";
    }

    private string ChangeOperand(byte[] mutant, Random random)
    {
        (int offset, OpCode code) = instructions[random.Next(instructions.Count)];
        int length = OperandBytes(code, mutant, offset + code.Size);
        return length == 0 ? ChangeOpCode(mutant, random)
            : ChangeByte(mutant, random, (offset + code.Size, length), $"operand of {code}");
    }

    /// <summary>By one that is used somewhere else, or by its neighbour in the table.</summary>
    private string ChangeToken(byte[] mutant, Random random)
    {
        int at = tokens[random.Next(tokens.Count)];
        Span<byte> place = mutant.AsSpan(at, TokenBytes);
        uint old = BinaryPrimitives.ReadUInt32LittleEndian(place);
        uint next = random.Next(3) == 0 ? old + (uint)random.Next(-3, 4)
            : BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(tokens[random.Next(tokens.Count)], TokenBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(place, next);
        return $"token 0x{old:x8} to 0x{next:x8} at 0x{at:x}";
    }

    private static string ChangeByte(byte[] mutant, Random random, (int Start, int Length) range, string what)
    {
        int at = range.Start + random.Next(Math.Max(1, range.Length));
        byte old = mutant[at];
        mutant[at] = random.Next(3) switch
        {
            0 => (byte)random.Next(256),
            1 => (byte)(old ^ (1 << random.Next(8))),
            _ => (byte)(old + random.Next(-2, 3)),
        };
        return $"{what}: 0x{old:x2} to 0x{mutant[at]:x2} at 0x{at:x}";
    }

    private void ReadBody(PEReader file, int address, int token)
    {
        MethodBodyBlock body = file.GetMethodBody(address);
        SectionHeader section = file.PEHeaders.SectionHeaders[file.PEHeaders.GetContainingSectionIndex(address)];
        int start = address - section.VirtualAddress + section.PointerToRawData;
        ImmutableArray<byte> code = body.GetILContent();
        bodies.Add((start, start + body.Size, token));
        int header = (image[start] & 3) == 2 ? 1 : 12;
        ReadCode(start + header, code.Length);
        int handlersAt = (start + header + code.Length + 3) & ~3;
        if (!body.ExceptionRegions.IsEmpty)
        {
            handlers.Add((handlersAt, start + body.Size - handlersAt));
        }
    }

    private void ReadCode(int start, int length)
    {
        for (int at = start; at < start + length;)
        {
            OpCode code = OpCodeAt(at);
            instructions.Add((at, code));
            if (code.OperandType
                is OperandType.InlineTok or OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType)
            {
                tokens.Add(at + code.Size);
            }

            at += code.Size + OperandBytes(code, image, at + code.Size);
        }
    }

    private OpCode OpCodeAt(int at)
    {
        short value = image[at] == 0xfe ? (short)(0xfe00 | image[at + 1]) : image[at];
        return Table[value];
    }

    private static readonly Dictionary<short, OpCode> Table = AllOpCodes.ToDictionary(code => code.Value);

    private static int OperandBytes(OpCode code, byte[] image, int operand) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(operand))),
        _ => 4,
    };
}
