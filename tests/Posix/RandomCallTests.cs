using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// Random file calls, here and on the file system that the host has its temporary files on: same answers, call by call, and the same
/// tree in the end.
/// </summary>
public sealed class RandomCallTests
{
    private const int CallsEach = 120;

    /// <summary>Where the answers differ on purpose (docs/posix.md): the call, Linux's answer, and ours.</summary>
    private static readonly (string Call, string Linux, string Here)[] Differences =
    [
        ("unlink", "!IsDirectory", "!NotPermitted"),
        ("rename", "!Busy", "!InvalidArgument"),
        ("renameat", "!NotDirectory", "!NameTooLong"),
        ("open", "!IsDirectory", "!NotDirectory"),
        ("rename", "!NotEmpty", "!IsDirectory"),
        ("seek", "ok", "ok 0"),
        ("seek", "ok", "!InvalidArgument"), // of a directory, to data, a hole or its end
        ("seek", "!NoDeviceOrAddress", "!InvalidArgument"),
        ("lock", "!Overflow", "!InvalidArgument"), // relative to the offset that such a seek has left
        ("lock", "!Overflow", "!BadDescriptor"),
        ("open", "!IsDirectory", "!NameTooLong"),
        ("open", "!IsDirectory", "!Exists"),
        ("read", "!InvalidArgument", "!IsDirectory"), // of a directory, after such a seek
    ];

    [TheoryNeeding(Need.PythonAsRoot)]
    [InlineData(1)]
    [InlineData(2)]
    public void Calls_DrawnFromASeed_AnswerAsTheHostDoes(int seed) =>
        Assert.True(RunAll(12, seed, TextWriter.Null, out string difference), difference);

    /// <summary>Runs so many sequences, on ext4 and on tmpfs.</summary>
    internal static bool RunAll(int count, int seed, TextWriter output) => RunAll(count, seed, output, out _);

    private static bool RunAll(int count, int seed, TextWriter output, out string first)
    {
        first = string.Empty;
        int different = 0;
        string[][] sequences = [.. Enumerable.Range(0, count).Select(i => CallGenerator.Draw((seed * 1_000_003) + i, CallsEach))];
        Dictionary<string, List<string>> host = HostScenarios.Ask("HostCalls.py", sequences.Select((lines, i) => ($"{i}", lines)), "jail");
        for (int i = 0; i < 2 * count; i++)
        {
            bool isExt4 = i % 2 == 0;
            string[] lines = sequences[i / 2];
            string difference = Compare(lines, host[$"{i / 2}"], Answer(lines, isExt4 ? PosixRig.OnExt4() : PosixRig.OnTmpfs()));
            if (difference.Length > 0)
            {
                different++;
                difference = $"sequence {i / 2} on {(isExt4 ? "ext4" : "tmpfs")}: {difference}";
                first = first.Length == 0 ? difference : first;
                output.WriteLine(difference);
            }
        }

        output.WriteLine($"{count} sequences of {CallsEach} calls from seed {seed}, each on ext4 and tmpfs: {different} differ");
        return different == 0;
    }

    private static List<string> Answer(string[] lines, PosixRig rig)
    {
        using PosixRig disposed = rig;
        var scenario = new CallScenario(rig.System);
        rig.Loader.Extra[CallScenario.LockWatcher] = scenario.WatchLocks;
        List<string> here = [];
        rig.Run(context =>
        {
            var mode = new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = 0x1ED };
            Assert.True(rig.System.SetAttributes(context, "/"u8, mode, followsLinks: true).IsOk);
            Assert.True(rig.System.RemoveDirectory(context, "/lost+found"u8).Error is Errno.None or Errno.NoEntry);
            here = scenario.Run(context, lines);
        });
        return here;
    }

    /// <summary>The first call that is answered differently, with what came before it; empty without one.</summary>
    private static string Compare(string[] lines, List<string> host, List<string> here)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (host[i] != here[i] && !IsMeant(lines[i], host[i], here[i]))
            {
                return string.Join('\n', lines.Take(i).Zip(here).Select(pair => $"{pair.First} -> {pair.Second}"))
                    + $"\n{lines[i]}\n  Linux {host[i]}\n  here  {here[i]}";
            }
        }

        return string.Empty;
    }

    private static bool IsMeant(string line, string host, string here) => Differences.Any(one =>
        line.StartsWith(one.Call, StringComparison.Ordinal)
        && host.StartsWith(one.Linux, StringComparison.Ordinal) && here == one.Here);
}
