using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>O_APPEND with many writers: each record is where nobody else's is, in one piece (POSIX.1-2017, write).</summary>
public sealed class AppendTests
{
    private const int WriterCount = 8;
    private const int RecordCount = 60;
    private const int HeaderBytes = 8;

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Append_ByManyProcesses_LosesAndMixesNothing(string type)
    {
        using PosixRig rig = type == "ext4" ? PosixRig.OnExt4() : PosixRig.OnTmpfs();
        rig.Loader.Extra["appender"] = (context, system) => Append(context, system);
        rig.Run(context =>
        {
            int[] children = [.. Enumerable.Range(0, WriterCount).Select(_ => 0)];
            for (int index = 0; index < WriterCount; index++)
            {
                children[index] = rig.System.Spawn(context, "appender\0"u8, -1, -1, -1).Value;
            }

            foreach (int child in children)
            {
                Assert.Equal(0, rig.System.WaitForChild(context, child).Value.Status);
            }

            CheckRecords(ReadAll(context, rig.System));
        });
    }

    /// <summary>Appends records of a process id, a length and bytes, of very different lengths.</summary>
    private static int Append(CallContext context, ISystem system)
    {
        int id = system.GetProcessId(context).Value;
        int file = system.Open(context, "/log"u8, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, 0x1B6).Value;
        for (int number = 0; number < RecordCount; number++)
        {
            byte[] record = new byte[HeaderBytes + (number * number * 5 % 12_000)];
            record.AsSpan(HeaderBytes).Fill((byte)id);
            BinaryPrimitives.WriteInt32LittleEndian(record, id);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), record.Length);
            if (system.Write(context, file, record).Value != record.Length)
            {
                return 1;
            }

            // Others get their turn after every record.
            system.Sleep(context, number % 3 == 0 ? 1 : 0);
        }

        return 0;
    }

    private static void CheckRecords(ReadOnlySpan<byte> log)
    {
        var counts = new Dictionary<int, int>();
        while (log.Length > 0)
        {
            int id = BinaryPrimitives.ReadInt32LittleEndian(log);
            int length = BinaryPrimitives.ReadInt32LittleEndian(log[4..]);
            Assert.InRange(length, HeaderBytes, log.Length);
            Assert.Equal(-1, log[HeaderBytes..length].IndexOfAnyExcept((byte)id));
            counts[id] = counts.GetValueOrDefault(id) + 1;
            log = log[length..];
        }

        Assert.Equal(Enumerable.Repeat(RecordCount, WriterCount), counts.Values);
    }

    private static byte[] ReadAll(CallContext context, ISystem system)
    {
        int file = system.Open(context, "/log"u8, OpenFlags.ReadOnly, 0).Value;
        byte[] log = new byte[system.GetDescriptorAttributes(context, file).Value.SizeBytes];
        for (int position = 0; position < log.Length;)
        {
            position += system.Read(context, file, log.AsSpan(position)).Value;
        }

        return log;
    }
}
