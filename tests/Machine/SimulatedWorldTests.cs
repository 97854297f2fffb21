using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public class SimulatedWorldTests
{
    [Fact]
    public void World_OfTwoDisks_HasTwoFunctionsWithTheirOwnWindows()
    {
        using var thread = new TestThread();
        using var world = new SimulatedWorld(
            thread.Heap, thread.Scheduler, [new NvmeDescription { Name = "a" }, new NvmeDescription { Name = "b" }]);
        Assert.Equal(["a", "b"], world.Functions.Select(function => function.Name));
        Assert.NotSame(world.Functions[0].Window, world.Functions[1].Window);
        Assert.Equal("b", world.Functions[1].Window.FunctionName);
        Assert.False(world.Step());
    }

    [Fact]
    public void World_WithAMissingImage_FailsAndReleasesTheOthers()
    {
        using var thread = new TestThread();
        string path = Image();
        NvmeDescription[] descriptions =
        [
            new() { Name = "a", ImagePath = path },
            new() { Name = "b", ImagePath = path + ".missing" },
        ];
        Assert.Throws<FileNotFoundException>(() => new SimulatedWorld(thread.Heap, thread.Scheduler, descriptions));
        using (new SimulatedWorld(thread.Heap, thread.Scheduler, [descriptions[0]]))
        {
        }

        File.Delete(path);
    }

    [Fact]
    public void Image_InUse_IsRefusedToASecondWorld()
    {
        using var thread = new TestThread();
        string path = Image();
        NvmeDescription[] descriptions = [new() { Name = "a", ImagePath = path }];
        using (new SimulatedWorld(thread.Heap, thread.Scheduler, descriptions))
        {
            Assert.Throws<IOException>(() => new SimulatedWorld(thread.Heap, thread.Scheduler, descriptions));
        }

        File.Delete(path);
    }

    [Fact]
    public void FileMedium_HoldsTheBytesAtTheirOffsets()
    {
        string path = Image();
        using (NvmeRig rig = new NvmeRig(medium: new RedLeafSharp.Machine.Media.FileMedium(path)).Enable())
        {
            HostQueue queue = rig.CreateQueue(1);
            ulong page = rig.Map();
            rig.Bytes(page, 4096).Fill(0x5A);
            Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Write, 3, 4, page)).Status);
            Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.WriteZeroes, 5, 1, 0)).Status);
            Assert.Equal(0, rig.Run(queue, rig.Command((byte)IoOpcode.Flush)).Status);
        }

        byte[] bytes = File.ReadAllBytes(path);
        var expected = new byte[1 << 20];
        expected.AsSpan(3 * 512, 4 * 512).Fill(0x5A);
        expected.AsSpan(5 * 512, 512).Clear();
        Assert.Equal(expected, bytes);
        File.Delete(path);
    }

    [Fact]
    public void Image_CutShortWhileInUse_IsAReadError()
    {
        string path = Image();
        using NvmeRig rig = new NvmeRig(medium: new RedLeafSharp.Machine.Media.FileMedium(path)).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        Outside.Run("truncate", "-s", "1024", path);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 2, page)).Status);
        Assert.Equal(0x281, rig.Run(queue, rig.Transfer(IoOpcode.Read, 1, 2, page)).Status);
        File.Delete(path);
    }

    [Fact]
    public void Command_InImmediateMode_AllocatesNothing()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        SubmissionEntry read = rig.Transfer(IoOpcode.Read, 0, 8, rig.Map());
        RunMany(queue, read, 1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        RunMany(queue, read, 1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void RunMany(HostQueue queue, SubmissionEntry entry, int count)
    {
        for (int command = 0; command < count; command++)
        {
            queue.Put(entry);
            queue.Ring();
            queue.TryTake(out _);
        }
    }

    private static string Image()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[1 << 20]);
        return path;
    }
}
