using System.IO.Pipes;
using RedLeafSharp.Scheduling;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

/// <summary>The sleep of an idle leader that watches descriptors of the host. A wake that is lost hangs the test.</summary>
public sealed class PollSetTests : IDisposable
{
    private readonly AnonymousPipeServerStream reader = new(PipeDirection.In);
    private readonly AnonymousPipeClientStream writer;
    private readonly PollSet set;

    public PollSetTests()
    {
        writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);
        set = new PollSet([(int)reader.SafePipeHandle.DangerousGetHandle()]);
    }

    public void Dispose()
    {
        writer.Dispose();
        reader.Dispose();
    }

    [Fact]
    public async Task Sleep_WithADescriptorThatCanBeRead_Ends()
    {
        var parker = new Parker();
        Task<bool> sleep = Task.Run(() => parker.Sleep(KernelEvent.Forever, set));
        writer.WriteByte(1);
        Assert.True(await sleep);
        Assert.True(parker.Sleep(KernelEvent.Forever, set));
    }

    [Fact]
    public async Task Sleep_ThatIsWoken_EndsWithoutADescriptor()
    {
        var parker = new Parker();
        Task<bool> sleep = Task.Run(() => parker.Sleep(KernelEvent.Forever, set));
        parker.Wake();
        Assert.False(await sleep);
    }

    [Fact]
    public void Sleep_WokenBefore_EndsAtOnce()
    {
        var parker = new Parker();
        parker.Wake();
        Assert.False(parker.Sleep(KernelEvent.Forever, set));
    }

    [Fact]
    public void Sleep_WhoseTimeIsUp_Ends() => Assert.False(new Parker().Sleep(1, set));

    [Fact]
    public async Task Sleep_WithoutDescriptors_IsEndedByAWake()
    {
        var parker = new Parker();
        Task<bool> sleep = Task.Run(() => parker.Sleep(KernelEvent.Forever, set: null));
        parker.Wake();
        Assert.False(await sleep);
    }
}
